/**
 * How many workers of a pool all its work would fill: what is in line and what runs, over the usual capacity of its workers (the
 * median of those online; 1 when there is none). An autoscaler bounds it as it likes.
 */
export function wantedWorkers(
  { queued, running }: { readonly queued: number; readonly running: number },
  capacities: readonly number[],
): number {
  const sorted = capacities.toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 1;
  return Math.ceil((queued + running) / Math.max(1, usual));
}
