// Decides, without acting: whether a run that ended is followed by one that delivers its change.
import type { RunRow } from './run.entity.js';

/** How to deliver what a run made; `nothing` when it was to be delivered and changed nothing, null when that is not asked for. */
export function deliveryAfter(
  { status, cancelRequestedAt, deliveryMode }: Pick<RunRow, 'status' | 'cancelRequestedAt' | 'deliveryMode'>,
  changeCommit: string | null,
): 'branch' | 'pr' | 'nothing' | null {
  // One that came to its end before a cancel reached it: whoever cancelled does not want it published.
  if (status !== 'succeeded' || cancelRequestedAt !== null) return null;
  return deliveryMode === null || changeCommit !== null ? deliveryMode : 'nothing';
}
