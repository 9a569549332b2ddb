import { clsx } from 'clsx';
import type { MiniLine } from './mini-diff.js';

interface Line {
  readonly kind: MiniLine['kind'] | 'note';
  readonly text: string;
  readonly before?: number | null;
  readonly after?: number | null;
}

const looks = {
  add: { sign: '+', words: 'added ', row: 'bg-green-soft', mark: 'text-green' },
  del: { sign: '−', words: 'removed ', row: 'bg-red-soft', mark: 'text-red' },
  context: { sign: ' ', words: '', row: '', mark: '' },
  note: { sign: '\\', words: 'note ', row: 'text-muted italic', mark: '' },
};

interface DiffLinesProps {
  label: string;
  lines: readonly Line[];
  /** With the line numbers of both sides. */
  numbered?: boolean;
}

/** Removed and added lines; told apart by sign, colour and words. */
export function DiffLines({ label, lines, numbered = false }: DiffLinesProps) {
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-[40rem] overflow-auto rounded-lg border border-line bg-surface"
    >
      <div className="w-max min-w-full font-mono text-[0.8125rem] leading-normal">
        {lines.map((line, index) => (
          <DiffLine key={index} line={line} numbered={numbered} />
        ))}
      </div>
    </div>
  );
}

interface DiffLineProps {
  line: Line;
  numbered: boolean;
}

export function DiffLine({ line, numbered }: DiffLineProps) {
  const { sign, words, row, mark } = looks[line.kind];
  return (
    <div className={clsx('flex', row)}>
      {numbered && (
        <>
          <Number value={line.before ?? null} />
          <Number value={line.after ?? null} />
        </>
      )}
      <span aria-hidden className={clsx('w-6 shrink-0 text-center select-none', mark)}>
        {sign}
      </span>
      {words !== '' && <span className="sr-only">{words}</span>}
      <span className="pr-3 whitespace-pre">{line.text === '' ? ' ' : line.text}</span>
    </div>
  );
}

/** One side of a line in two columns; long ones are broken, since a column cannot be scrolled by itself. */
export function SideLine({ line, side }: { line: Line; side: 'left' | 'right' }) {
  const { sign, words, row, mark } = looks[line.kind];
  return (
    <div className={clsx('flex h-full', row)}>
      <Number value={(side === 'left' ? line.before : line.after) ?? null} />
      <span aria-hidden className={clsx('w-5 shrink-0 text-center select-none', mark)}>
        {sign}
      </span>
      {words !== '' && <span className="sr-only">{words}</span>}
      <span className="min-w-0 pr-2 break-all whitespace-pre-wrap">{line.text === '' ? ' ' : line.text}</span>
    </div>
  );
}

function Number({ value }: { value: number | null }) {
  return (
    <span aria-hidden className="w-11 shrink-0 pr-2 text-right text-muted select-none">
      {value}
    </span>
  );
}
