// Decides, without acting: whether a run that ended is followed by one that delivers its change, and on which public commit that goes.
import type { Delivered } from '@corch/contract';
import type { RunResultRow, RunRow } from './run.entity.js';

/** Whether what a run made is to be delivered by itself. */
export function mayDeliver<R extends Pick<RunRow, 'status' | 'cancelRequestedAt' | 'deliveryMode'>>(
  run: R,
): run is R & { readonly deliveryMode: 'branch' | 'pr' } {
  // One that came to its end before a cancel reached it: whoever cancelled does not want it published.
  return run.status === 'succeeded' && run.cancelRequestedAt === null && run.deliveryMode !== null;
}

/**
 * How to deliver what a run made that {@link mayDeliver}. `nothing`: it changed nothing. `delivered`: it is, since it added nothing to
 * what is public.
 */
export function deliveryAfter(
  mode: 'branch' | 'pr',
  changeCommit: string | null,
  delivered: Delivered | null,
): 'branch' | 'pr' | 'nothing' | 'delivered' {
  if (changeCommit === null) return 'nothing';
  const isThere = delivered?.commit === changeCommit && (mode === 'branch' || delivered.pullRequest !== null);
  return isThere ? 'delivered' : mode;
}

/** A commit of a task that is public, the run that made it, and the commit it begins at. */
export interface FollowedChange {
  readonly sourceRunId: string;
  readonly baseCommit: string;
  readonly commit: string;
}

/**
 * The public commit that a run goes on from: that of the run which it continues, or which that one continues, and so on. Null when
 * what is public came from elsewhere, as before a retry from the beginning.
 */
export function followedChange(
  { continuesRunId }: Pick<RunRow, 'continuesRunId'>,
  ofTask: readonly Pick<RunRow, 'id' | 'continuesRunId' | 'baseCommit'>[],
  results: readonly Pick<RunResultRow, 'runId' | 'changeCommit'>[],
  publicCommit: string,
): FollowedChange | null {
  const before = ofTask.find(({ id }) => id === continuesRunId);
  if (before === undefined) return null;
  const made = results.find(({ runId }) => runId === before.id)?.changeCommit;
  if (made !== publicCommit || before.baseCommit === null) {
    return followedChange(before, ofTask, results, publicCommit);
  }
  return { sourceRunId: before.id, baseCommit: before.baseCommit, commit: publicCommit };
}
