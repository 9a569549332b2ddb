import { lexFilter, type FilterError } from '@corch/contract';
import { clsx } from 'clsx';
import { useLayoutEffect, useRef, type RefObject } from 'react';

interface FilterMirrorProps {
  text: string;
  errors: readonly FilterError[];
  input: RefObject<HTMLInputElement | null>;
}

/** Draws the text of the field below it: keys in colour, what is wrong underlined. The field's own text is transparent. */
export function FilterMirror({ text, errors, input }: FilterMirrorProps) {
  const mirror = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const field = input.current;
    if (field === null) return;
    const follow = () => {
      if (mirror.current !== null) mirror.current.scrollLeft = field.scrollLeft;
    };
    follow();
    field.addEventListener('scroll', follow);
    return () => field.removeEventListener('scroll', follow);
  }, [text, input]);
  return (
    <div
      ref={mirror}
      aria-hidden
      className="absolute inset-0 overflow-hidden rounded-lg border border-transparent bg-surface py-1.5 pr-8 pl-8 font-mono text-base whitespace-pre sm:text-[0.8125rem] sm:leading-5 forced-colors:hidden"
    >
      {piecesOf(text, errors).map(({ from, to, isKey, isWrong }) => (
        <span
          key={from}
          className={clsx(
            isKey && 'text-accent',
            isWrong && 'text-red underline decoration-red decoration-wavy underline-offset-4',
          )}
        >
          {text.slice(from, to)}
        </span>
      ))}
    </div>
  );
}

interface Piece {
  from: number;
  to: number;
  isKey: boolean;
  isWrong: boolean;
}

/** The text in pieces that look alike. */
function piecesOf(text: string, errors: readonly FilterError[]): Piece[] {
  const keys = lexFilter(text).flatMap(({ key }) => (key === null ? [] : [{ from: key.from, to: key.to + 1 }]));
  const within = (spans: readonly { from: number; to: number }[], at: number) =>
    spans.some(({ from, to }) => from <= at && at < to);
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const isKey = within(keys, at);
    const isWrong = within(errors, at);
    const last = pieces.at(-1);
    if (last?.isKey === isKey && last.isWrong === isWrong) last.to = at + 1;
    else pieces.push({ from: at, to: at + 1, isKey, isWrong });
  }
  return pieces;
}
