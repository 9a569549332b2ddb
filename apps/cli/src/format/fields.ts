import type { Output } from '../output.js';
import { relativeTime } from './time.js';

/** A fact about one thing; not shown when there is no value. */
export type Field = readonly [name: string, value: string | undefined];

/** On a screen the names stand in a column; in a pipe a tab follows them, and texts of several lines are JSON strings. */
export function printField(output: Output, name: string, value: string | undefined, width = 12): void {
  if (value === undefined) return;
  if (!output.isTty) return output.data(`${name}\t${/[\n\t]/.test(value) ? JSON.stringify(value) : value}`);
  const [first = '', ...rest] = value.split('\n');
  output.data(
    [`${output.color.dim(name.padEnd(width))}${first}`, ...rest.map((each) => ' '.repeat(width) + each)].join('\n'),
  );
}

/** On a screen how far away it is and when that is here, in a pipe RFC 3339. */
export function showTime(iso: string | null, output: Output): string | undefined {
  if (iso === null) return undefined;
  return output.isTty ? `${relativeTime(iso, Date.now())} (${new Date(iso).toLocaleString()})` : iso;
}
