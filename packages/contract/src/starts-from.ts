// A task whose ref is the branch of another task begins at that one's change, which may be kept with the orchestrator alone.
import { z } from 'zod';
import { ObjectId } from './delivery.js';
import { RunId, TaskId } from './values.js';

/** The change of another task that a task starts from, as it was when it was submitted. */
export const StartsFrom = z.object({
  taskId: TaskId,
  /** The run that made it. */
  runId: RunId,
  /** The last commit of the change: where the work starts, unless the branch of the remote has gone on from it. */
  commit: ObjectId,
  /** The commit of the remote that the bundle of the change begins at. */
  baseCommit: ObjectId,
});
export type StartsFrom = z.infer<typeof StartsFrom>;

/**
 * The commit that the bundle of a run begins at, which the remote has: where the run began, unless that is known to the orchestrator
 * alone.
 */
export function bundleBase(
  baseCommit: string,
  startsFrom: Pick<StartsFrom, 'commit' | 'baseCommit'> | null | undefined,
): string {
  return startsFrom?.commit === baseCommit ? startsFrom.baseCommit : baseCommit;
}
