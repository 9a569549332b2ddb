// What git's words mean for the person whose run they end: one clear sentence.
import type { GitAnswer } from './git.js';
import { DeniedError, WorkspaceError } from './workspace-error.js';

/** Why a repository could not be read. `other` may be a damaged mirror. */
export type FetchFailure = 'disk_full' | 'denied' | 'missing' | 'unreachable' | 'other';

const failures: readonly (readonly [Exclude<FetchFailure, 'other'>, RegExp])[] = [
  ['disk_full', /no space left|out of disk ?space|disk quota exceeded/i],
  ['denied', /authentication|permission denied|could not read Username|could not read Password|\b40[13]\b/i],
  ['missing', /not found|does not exist|does not appear to be a git repository/i],
  [
    'unreachable',
    /could not resolve host|unable to access|connection|timed out|early EOF|hung up|RPC failed|operation too slow/i,
  ],
];

/** What kind of failure git reported. */
export function fetchFailure(answer: GitAnswer): FetchFailure {
  return failures.find(([, pattern]) => pattern.test(answer.stderr))?.[0] ?? 'other';
}

/** The failure of a clone or fetch of `address`, as what a run ends with. */
export function fetchFailed(address: string, answer: GitAnswer): WorkspaceError {
  const said = lastLines(answer.stderr);
  const failed = (why: string) => new WorkspaceError('workspace_failed', `${address} could not be cloned: ${why}`);
  switch (fetchFailure(answer)) {
    case 'disk_full':
      return failed('the disk of the worker is full. Make room (`corch worker gc`) and retry.');
    case 'denied':
      return new DeniedError(
        'workspace_failed',
        `${address} could not be cloned: the worker may not read it (${said}).`,
      );
    case 'missing':
      return failed(`there is no such repository, or the worker may not see it. Check the address (${said}).`);
    case 'unreachable':
      return failed(`its server cannot be reached from the worker (${said}). Check the network and retry.`);
    case 'other':
      return failed(`${said || `git ended with exit code ${answer.code}`}. Check the repository and retry.`);
  }
}

/** What git says behind whatever `ssh` said was wrong. */
const adviceOfSsh = ['Please make sure you have the correct access rights', 'and the repository exists.'];

/** The last words of git, in one line. */
export function lastLines(stderr: string): string {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '' && !adviceOfSsh.includes(line.trim()));
  return lines.slice(-3).join('; ').slice(0, 500);
}
