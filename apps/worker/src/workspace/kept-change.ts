// The change of another task that a run starts from: its commit is kept with the orchestrator, and the remote may not have it.
import type { GitAnswer } from './git.js';
import { fetchFailed, fetchFailure, lastLines } from './git-failure.js';
import { WorkspaceError } from './workspace-error.js';

/** The change, and how to get it. */
export interface KeptChange {
  /** The branch of the other task, by which it was named. */
  readonly ref: string;
  readonly taskId: string;
  readonly commit: string;
  /** The commit of the remote that its bundle begins at. */
  readonly baseCommit: string;
  /**
   * Has the bundle in a file while it is used.
   *
   * @throws WorkspaceError with one clear sentence when it is not kept any more
   */
  readonly withBundle: <T>(use: (file: string) => Promise<T>) => Promise<T>;
}

/** Both have the name, and neither goes on from the other: nobody but a person can say which one is meant. */
export function goneApart(address: string, { ref, taskId, commit }: KeptChange, found: string): WorkspaceError {
  const [there, kept] = [found, commit].map((id) => id.slice(0, 12));
  const text = `The branch ${ref} of ${address} (${there}) and the change of the task ${taskId} (${kept}), which is not part of it, have gone apart. Name the commit to start from, or a branch of your own that has both.`;
  return new WorkspaceError('workspace_failed', text);
}

/** The remote has dropped what the change builds on. */
export function baseGone(address: string, { taskId, baseCommit }: KeptChange): WorkspaceError {
  const text = `${address} does not have the commit ${baseCommit.slice(0, 12)} any more, which the change of the task ${taskId} begins at. Start from a branch that exists.`;
  return new WorkspaceError('workspace_failed', text);
}

/** Its bundle could not be taken in. */
export function notTaken(address: string, { taskId }: KeptChange, answer: GitAnswer): WorkspaceError {
  if (fetchFailure(answer) === 'disk_full') return fetchFailed(address, answer);
  const why = lastLines(answer.stderr) || 'it does not hold its commit';
  const text = `The kept change of the task ${taskId}, which this one starts from, cannot be used (${why}). Retry that task, then start from its branch anew.`;
  return new WorkspaceError('workspace_failed', text);
}
