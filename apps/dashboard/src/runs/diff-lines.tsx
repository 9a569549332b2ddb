import { clsx } from 'clsx';
import { useMemo, type ReactNode } from 'react';
import type { MiniLine } from './mini-diff.js';
import { wordParts, type Part } from './word-diff.js';

interface Line {
  readonly kind: MiniLine['kind'] | 'note';
  readonly text: string;
}

const looks = {
  add: { sign: '+', words: 'added ', row: 'bg-green-soft', mark: 'text-green', changed: 'bg-green/25' },
  del: { sign: '−', words: 'removed ', row: 'bg-red-soft', mark: 'text-red', changed: 'bg-red/25' },
  context: { sign: ' ', words: '', row: '', mark: '', changed: '' },
  note: { sign: '\\', words: 'note ', row: 'text-muted italic', mark: '', changed: '' },
};

/** Removed and added lines; told apart by sign, colour and words. */
export function DiffLines({ label, lines }: { label: string; lines: readonly Line[] }) {
  const parts = useMemo(() => wordParts(lines), [lines]);
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-[40rem] overflow-auto rounded-lg border border-line bg-surface"
    >
      <div className="w-max min-w-full font-mono text-[0.8125rem] leading-normal">
        {lines.map((line, index) => (
          <DiffLine key={index} line={line} parts={parts.get(line)} />
        ))}
      </div>
    </div>
  );
}

interface DiffLineProps {
  line: Line;
  /** Its words, where it is known which of them changed. */
  parts?: readonly Part[] | undefined;
  /** The numbers of the line, on both sides. */
  numbers?: ReactNode;
}

export function DiffLine({ line, parts, numbers }: DiffLineProps) {
  const { sign, words, row, mark, changed } = looks[line.kind];
  return (
    <div className={clsx('flex', row)}>
      {numbers}
      <span aria-hidden className={clsx('w-6 shrink-0 text-center select-none', mark)}>
        {sign}
      </span>
      {words !== '' && <span className="sr-only">{words}</span>}
      <span className="pr-3 whitespace-pre">
        <Text text={line.text} parts={parts} changed={changed} />
      </span>
    </div>
  );
}

/** One side of a line in two columns; long ones are broken, since a column cannot be scrolled by itself. */
export function SideLine({ line, parts, numbers }: DiffLineProps) {
  const { sign, words, row, mark, changed } = looks[line.kind];
  return (
    <div className={clsx('flex h-full', row)}>
      {numbers}
      <span aria-hidden className={clsx('w-5 shrink-0 text-center select-none', mark)}>
        {sign}
      </span>
      {words !== '' && <span className="sr-only">{words}</span>}
      <span className="min-w-0 pr-2 break-all whitespace-pre-wrap">
        <Text text={line.text} parts={parts} changed={changed} />
      </span>
    </div>
  );
}

function Text({ text, parts, changed }: { text: string; parts: readonly Part[] | undefined; changed: string }) {
  if (parts === undefined) return text === '' ? ' ' : text;
  return parts.map(({ text: part, isChanged }, index) =>
    isChanged ? (
      <span key={index} data-changed className={clsx('rounded-xs forced-colors:underline', changed)}>
        {part}
      </span>
    ) : (
      part
    ),
  );
}
