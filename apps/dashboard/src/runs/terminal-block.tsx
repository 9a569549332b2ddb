import { clsx } from 'clsx';
import { useMemo, useState } from 'react';
import { Button } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import type { EventOf } from './steps.js';
import { terminalText } from './terminal-text.js';

/** Longer texts start with their first and last lines. */
const headLines = 30;
const tailLines = 30;

interface TerminalBlockProps {
  label: string;
  text: string;
  command?: string;
  isError?: boolean;
}

/** Text as a terminal shows it. */
export function TerminalBlock({ label, text, command, isError = false }: TerminalBlockProps) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => terminalText(text).replace(/\n+$/, '').split('\n'), [text]);
  const hidden = lines.length - headLines - tailLines;
  const isCut = !isWhole && hidden > 5;
  return (
    <div
      className={clsx(
        'relative overflow-hidden rounded-lg border bg-sunken',
        isError ? 'border-red/50' : 'border-line',
      )}
    >
      <div className="absolute top-1 right-1">
        <CopyButton text={text} label="Copy the output" />
      </div>
      <div tabIndex={0} role="group" aria-label={label} className="max-h-[32rem] overflow-auto p-2.5 pr-9">
        <pre className="font-mono text-[0.8125rem] leading-normal break-words whitespace-pre-wrap">
          {command !== undefined && (
            <span className="font-semibold">
              <span aria-hidden className="text-muted select-none">
                ${' '}
              </span>
              {command}
              {'\n'}
            </span>
          )}
          {isCut ? lines.slice(0, headLines).join('\n') : lines.join('\n')}
        </pre>
        {isCut && (
          <>
            <Button look="quiet" className="my-1" onClick={() => setWhole(true)}>
              Show {hidden.toLocaleString()} more lines
            </Button>
            <pre className="font-mono text-[0.8125rem] leading-normal break-words whitespace-pre-wrap">
              {lines.slice(-tailLines).join('\n')}
            </pre>
          </>
        )}
      </div>
    </div>
  );
}

/** What a command printed; standard error is marked at its side. */
export function OutputBlock({ parts }: { parts: readonly EventOf<'output'>[] }) {
  const pieces = useMemo(() => joinStreams(parts), [parts]);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-sunken">
      {pieces.map((piece, index) => (
        <div
          key={index}
          className={clsx('px-2.5 py-1', piece.stream === 'stderr' && 'border-l-4 border-amber bg-amber-soft/50')}
        >
          <span className="sr-only">{piece.stream === 'stderr' ? 'standard error: ' : 'output: '}</span>
          <pre className="font-mono text-[0.8125rem] leading-normal break-words whitespace-pre-wrap">{piece.text}</pre>
        </div>
      ))}
    </div>
  );
}

interface Piece {
  stream: 'stdout' | 'stderr';
  text: string;
}

function joinStreams(parts: readonly EventOf<'output'>[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { stream, text } of parts) {
    const last = pieces.at(-1);
    if (last?.stream === stream) last.text += text;
    else pieces.push({ stream, text });
  }
  return pieces.map((piece) => ({ ...piece, text: terminalText(piece.text).replace(/\n$/, '') }));
}
