import type { Output } from '../output.js';
import { cut, oneLine } from './text.js';

/** A column of a list. */
export interface Column<T> {
  readonly title: string;
  /** On a screen: short, coloured. */
  readonly cell: (item: T) => string;
  /** In a pipe: whole and plain. */
  readonly raw: (item: T) => string;
  /** On a screen: takes what width is left, and is cut to it. */
  readonly flexible?: true;
}

/** A column of plain text: whole in a pipe, on one line on a screen. */
export function column<T>(title: string, of: (item: T) => string, more: Partial<Column<T>> = {}): Column<T> {
  return { title, cell: (item) => oneLine(of(item)), raw: of, ...more };
}

/** The narrowest that a flexible column becomes. */
const minFlexible = 12;
const gap = 2;

/** Prints a list: as a table on a screen, as rows with tabs and without a head in a pipe. */
export async function printTable<T>(output: Output, columns: readonly Column<T>[], items: readonly T[]): Promise<void> {
  if (!output.isTty) {
    for (const item of items) output.row(columns.map((column) => column.raw(item)));
    return;
  }
  const { default: Table } = await import('cli-table3');
  const { stripVTControlCharacters } = await import('node:util');
  const width = (text: string) => [...stripVTControlCharacters(text)].length;
  const cells = items.map((item) => columns.map((column) => column.cell(item)));
  const fixed = columns.map((column, index) =>
    column.flexible ? 0 : Math.max(column.title.length, ...cells.map((row) => width(row[index] ?? ''))) + gap,
  );
  const flexible = columns.filter((column) => column.flexible).length;
  const left = output.width - fixed.reduce((sum, each) => sum + each, 0) - 1;
  const share = Math.max(minFlexible, Math.floor(left / Math.max(1, flexible)) - gap);
  const none = '';
  const table = new Table({
    head: columns.map(({ title }) => output.color.dim(title)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    chars: Object.fromEntries(
      ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left']
        .concat('left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle')
        .map((part) => [part, none]),
    ),
  });
  table.push(...cells.map((row) => row.map((cell, index) => (columns[index]?.flexible ? cut(cell, share) : cell))));
  output.data(
    table
      .toString()
      .split('\n')
      .map((each) => each.trimEnd())
      .join('\n'),
  );
}
