// Decides, without acting: whether a task starts from the change of another one, whose branch it names as its ref.
import { bundleBase, isFinal, repositoryKey, type RepositorySource, type StartsFrom } from '@corch/contract';
import type { BranchRun } from './runs.repository.js';

/** A ref, and the repository that it is one of. */
export interface AskedStart {
  readonly ref: string;
  readonly repository: RepositorySource;
  readonly repositoryName: string | null;
}

/**
 * Where the work starts: at what the `remote` has under that name, or at a `change` that is kept. `unfinished` and `unchanged`: at
 * neither, since the task whose branch it is has not ended, or has made no change.
 */
export type Start =
  | { readonly kind: 'remote' }
  | { readonly kind: 'change'; readonly startsFrom: StartsFrom }
  | { readonly kind: 'unfinished' | 'unchanged'; readonly taskId: string; readonly status: BranchRun['status'] };

const remote: Start = { kind: 'remote' };

/**
 * What a ref means, by the runs on the branch of that name, newest first. What was delivered to it is for the remote to say; a change
 * that came since is not there yet. `ownHost` has the repositories whose path names no machine.
 */
export function startOf(asked: AskedStart, runs: readonly BranchRun[], ownHost: string): Start {
  const [newest, ...others] = runs.filter((run) => isSameRepository(asked, run, ownHost));
  if (newest === undefined) return remote;
  const { taskId, status, delivered } = newest;
  const isPublic = delivered?.branch === asked.ref;
  if (!isFinal(status)) return isPublic ? remote : { kind: 'unfinished', taskId, status };
  // One that was lost, or could not begin, has taken nothing away.
  const last = [newest, ...others.filter((run) => run.taskId === taskId)].find(
    (run) => run.status === 'succeeded' || run.changeCommit !== null,
  );
  if (last === undefined || last.changeCommit === null || last.baseCommit === null) {
    return isPublic ? remote : { kind: 'unchanged', taskId, status };
  }
  if (isPublic && delivered.commit === last.changeCommit) return remote;
  const baseCommit = bundleBase(last.baseCommit, last.startsFrom);
  return { kind: 'change', startsFrom: { taskId, runId: last.id, commit: last.changeCommit, baseCommit } };
}

function isSameRepository({ repository, repositoryName }: AskedStart, run: BranchRun, ownHost: string): boolean {
  // Its address may have changed since.
  if (repositoryName !== null && run.repositoryName === repositoryName) return true;
  const other = run.repository;
  if (other === null) return false;
  if ('url' in repository) return 'url' in other && repositoryKey(repository.url) === repositoryKey(other.url);
  if ('url' in other) return false;
  const place = ({ path, host = ownHost }: { path: string; host?: string | undefined }) =>
    `${host}:${path.replace(/[\\/]+$/, '')}`;
  return place(repository) === place(other);
}
