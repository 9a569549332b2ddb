// A full clone of its own for each run. The user's checkout is read and never written: objects are copied, not linked,
// and nothing in the clone can be pushed back.
import type { RepositorySource } from '@corch/contract';
import { dirname } from 'node:path';
import { allowedPath } from './allowed-path.js';
import { GitMissingError, type Git, type GitAnswer } from './git.js';
import { WorkspaceError } from './workspace-error.js';

/** What to clone and where. */
export interface CloneRequest {
  readonly source: RepositorySource;
  readonly ref: string | undefined;
  /** The branch the run works on. */
  readonly branch: string;
  /** Must not exist. */
  readonly folder: string;
  readonly allow: readonly string[];
  readonly signal: AbortSignal;
}

/** Instead of an address to push to: a change is handed over as a patch. */
const noPush = '/dev/null/nothing-is-pushed-the-change-is-kept-as-a-patch';

/**
 * Clones and checks out a new branch.
 *
 * @returns the commit the branch starts at
 * @throws WorkspaceError with one clear sentence
 */
export async function cloneRepository(git: Git, request: CloneRequest): Promise<string> {
  try {
    const source = await resolveSource(git, request);
    await clone(git, source, request);
    return await checkOut(git, source, request);
  } catch (error) {
    if (!(error instanceof GitMissingError)) throw error;
    throw new WorkspaceError('workspace_failed', 'git is not installed on this worker. Install git 2.30 or newer.', {
      cause: error,
    });
  }
}

async function resolveSource(git: Git, { source, allow, signal }: CloneRequest): Promise<string> {
  if ('url' in source) return source.url;
  const path = await allowedPath(source.path, allow);
  const options = { cwd: path, signal, env: { GIT_CEILING_DIRECTORIES: dirname(path) } };
  const answer = await git.run(['rev-parse', '--git-dir'], options);
  if (answer.code === 0) return path;
  if (answer.stderr.includes('dubious ownership')) {
    throw new WorkspaceError(
      'workspace_failed',
      `git refuses ${path} since it belongs to another user. On the worker run \`git config --global --add safe.directory ${path}\`.`,
    );
  }
  const above = await git.ask(['rev-parse', '--show-toplevel'], { cwd: path, signal });
  const hint = above
    ? `It lies inside the repository ${above}; name that.`
    : 'Run `git init` and commit there, or name another.';
  throw new WorkspaceError('workspace_failed', `${path} is not a git repository. ${hint}`);
}

async function clone(git: Git, source: string, request: CloneRequest): Promise<void> {
  const { folder, signal } = request;
  const args = ['clone', '--quiet', '--no-checkout', '--no-hardlinks', '--template=', '--origin', 'origin'];
  const settings = [`remote.origin.pushurl=${noPush}`, ...(await authorSettings(git, request))];
  const kept = settings.flatMap((setting) => ['--config', setting]);
  const answer = await git.run([...args, ...kept, '--', source, folder], { cwd: dirname(folder), signal });
  if (answer.code !== 0) throw cloneFailed(source, answer);
}

/** Commits that Claude makes need a name: the one that commits in the source have, or the user's own, or ours. */
async function authorSettings(git: Git, { source, folder, signal }: CloneRequest): Promise<string[]> {
  const cwd = 'path' in source ? source.path : dirname(folder);
  const found = await git.ask(['config', '--get-regexp', '^user\\.(name|email)$'], { cwd, signal });
  const own = new Map([
    ['user.name', 'corch'],
    ['user.email', 'corch@localhost'],
  ]);
  for (const line of (found ?? '').split('\n')) {
    const [name = '', ...value] = line.split(' ');
    if (value.length > 0) own.set(name, value.join(' '));
  }
  return [...own].map(([name, value]) => `${name}=${value}`);
}

function cloneFailed(source: string, answer: GitAnswer): WorkspaceError {
  const said = lastLines(answer.stderr);
  const failed = (why: string) => new WorkspaceError('workspace_failed', `${source} could not be cloned: ${why}`);
  if (/no space left/i.test(said)) return failed('the disk of the worker is full. Make room and retry.');
  if (/authentication|permission denied|could not read Username|403/i.test(said)) {
    return failed(`the worker may not read it. Give its user access (${said}).`);
  }
  if (/not found|does not exist|does not appear to be a git repository/i.test(said)) {
    return failed(`there is no such repository, or the worker may not see it. Check the address (${said}).`);
  }
  if (/could not resolve host|unable to access|connection|timed out/i.test(said)) {
    return failed(`its server cannot be reached from the worker (${said}). Check the network and retry.`);
  }
  return failed(`${said || `git ended with exit code ${answer.code}`}. Check the repository and retry.`);
}

async function checkOut(git: Git, source: string, { ref, branch, folder, signal }: CloneRequest): Promise<string> {
  const commit = await findCommit(git, ref, { cwd: folder, signal });
  if (commit === null) {
    const isEmpty = (await git.ask(['rev-list', '--all', '--max-count=1'], { cwd: folder, signal })) === '';
    if (isEmpty) {
      throw new WorkspaceError(
        'workspace_failed',
        `The repository ${source} has no commits yet. Commit something first.`,
      );
    }
    const what = ref === undefined ? 'its default branch does not exist' : `it has no branch, tag or commit ${ref}`;
    throw new WorkspaceError('workspace_failed', `${source} cannot be checked out: ${what}. Name one that exists.`);
  }
  const answer = await git.run(['checkout', '--quiet', '--no-track', '-B', branch, commit, '--'], {
    cwd: folder,
    signal,
  });
  if (answer.code === 0) return commit;
  const said = lastLines(answer.stderr);
  const full = /no space left/i.test(said);
  const why = full ? 'the disk of the worker is full. Make room and retry.' : `${said}.`;
  throw new WorkspaceError('workspace_failed', `The files of ${source} could not be checked out: ${why}`);
}

/** A branch of the source wins over a tag of the same name, and both over a commit id. */
async function findCommit(git: Git, ref: string | undefined, options: { cwd: string; signal: AbortSignal }) {
  const names = ref === undefined ? ['HEAD'] : [`refs/remotes/origin/${ref}`, `refs/tags/${ref}`, ref];
  for (const name of names) {
    // The last is a commit id or nothing: a plain name could reach a local branch of the clone.
    if (name === ref && !/^[0-9a-f]{4,64}$/.test(ref)) continue;
    const commit = await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], options);
    if (commit !== null) return commit;
  }
  return null;
}

function lastLines(stderr: string): string {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(-3).join('; ').slice(0, 500);
}
