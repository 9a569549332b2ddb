import { clsx } from 'clsx';
import type { MouseEvent } from 'react';
import { holds, rangeHash, type LineRange } from './line-range.js';

/** What every line of a file of a change needs to know. */
export interface FileLines {
  readonly taskId: string;
  readonly path: string;
  /** Whether lines can be remarked on here. */
  readonly may: boolean;
  /** The lines of this file that the address points at. */
  readonly range: LineRange | null;
  /** Points the address at a line, or up to it with `extend`; absent where lines cannot be pointed at. */
  readonly choose?: (line: LineRange, extend: boolean) => void;
}

interface LineNumberProps {
  file: FileLines;
  side: LineRange['side'];
  value: number | null;
  /** Only the one that stands for the line leads to it. */
  isLink: boolean;
}

const look = 'w-11 shrink-0 pr-2 text-right select-none';

/** The number of a line, which is also the link to it; with Shift up to it. */
export function LineNumber({ file: { path, may, range, choose }, side, value, isLink }: LineNumberProps) {
  if (value === null || !isLink || choose === undefined) {
    return (
      <span aria-hidden className={clsx(look, 'text-muted')}>
        {value}
      </span>
    );
  }
  const line = { path, side, from: value, to: value };
  const isLinked = holds(range, side, value);
  const onClick = (event: MouseEvent) => {
    // With Ctrl or ⌘ it opens where the reader wants it.
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    choose(line, event.shiftKey);
  };
  return (
    <a
      href={rangeHash(line)}
      onClick={onClick}
      // Who may remark gets to the link of a line by the button beside it.
      {...(may ? { tabIndex: -1, 'aria-hidden': true } : { 'aria-label': `Link to line ${value}` })}
      data-line={`${side}-${value}`}
      className={clsx(
        look,
        isLinked ? 'bg-accent font-medium text-on-accent' : 'text-muted hover:text-ink hover:underline',
      )}
    >
      {value}
    </a>
  );
}
