import { median } from '../common/median.js';

/**
 * How many workers of a pool all its work would fill: what is in line and what runs, over the usual capacity of its workers (the
 * median of those online; 1 when there is none). An autoscaler bounds it as it likes.
 */
export function wantedWorkers(
  { queued, running }: { readonly queued: number; readonly running: number },
  capacities: readonly number[],
): number {
  return Math.ceil((queued + running) / Math.max(1, median(capacities) ?? 1));
}
