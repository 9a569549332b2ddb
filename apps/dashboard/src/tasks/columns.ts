import { readLocal, writeLocal } from '../ui/local-value.js';
import { Store } from '../ui/store.js';

/** What a row of the list can say beside title and status. */
export const columnWords = {
  repository: 'Repository',
  branch: 'Branch',
  worker: 'Worker',
  cost: 'Cost',
  change: 'Change',
  runs: 'Runs',
  labels: 'Labels',
  pool: 'Pool',
  by: 'Submitted by',
  reason: 'Reason',
} as const;

export type Column = keyof typeof columnWords;
export const columns = Object.keys(columnWords) as Column[];

/** Shown where nobody chose. */
export const usualColumns: readonly Column[] = [
  'repository',
  'branch',
  'worker',
  'cost',
  'change',
  'runs',
  'labels',
  'reason',
];

const key = 'corch.columns';

function read(): readonly Column[] {
  const kept = readLocal(key);
  return kept === null ? usualColumns : columns.filter((column) => kept.split(',').includes(column));
}

/** What this browser shows. */
export const shownColumns = new Store<readonly Column[]>(read());

export function showColumns(next: readonly Column[]): void {
  const isUsual = next.length === usualColumns.length && usualColumns.every((column) => next.includes(column));
  writeLocal(key, isUsual ? null : next.join(','));
  shownColumns.set(next);
}
