// Pushes the commit of a run. Can be repeated at any point: where the branch has the commit already, nothing is done.
import type { DeliveryOrder } from '@corch/contract';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { changeRef } from '../workspace/commit.js';
import type { Git, GitAnswer } from '../workspace/git.js';
import { fetchFailure, lastLines } from '../workspace/git-failure.js';
import { borrowObjects } from '../workspace/mirror.js';
import { DeliveryError } from './delivery-error.js';
import { diskFull, foreignBranch, pushFailed, readFailed } from './push-rules.js';

export interface PushRequest {
  readonly address: string;
  readonly order: DeliveryOrder;
  /** Where the branch was seen to stand, see {@link remoteBranch}; what came since is not overwritten. */
  readonly before: string | null;
  /** The bare repository that has the commit which the change begins at. */
  readonly mirror: string;
  readonly bundleFile: string;
  /** A folder of the run for the repository that is pushed from. */
  readonly folder: string;
  /** For signing in. */
  readonly env: Record<string, string>;
  /** What to do when the server says no. */
  readonly denied: string;
  readonly signal: AbortSignal;
}

/** The commit of a branch of the remote; null when there is no such branch. */
export async function remoteBranch(
  git: Git,
  request: Omit<PushRequest, 'mirror' | 'bundleFile' | 'before'>,
): Promise<string | null> {
  const { address, order, env, signal, folder } = request;
  const ref = `refs/heads/${order.branch}`;
  const answer = await git.run(['ls-remote', '--', address, ref], { cwd: join(folder, '..'), env, signal });
  if (answer.code !== 0) throw readFailed(address, answer, request.denied);
  const line = answer.stdout.split('\n').find((row) => row.endsWith(`\t${ref}`));
  return line?.split('\t')[0] ?? null;
}

/**
 * Moves the branch on the remote to the commit.
 *
 * @returns false when it stood there already
 * @throws DeliveryError with one clear sentence
 */
export async function pushCommit(git: Git, request: PushRequest): Promise<boolean> {
  const { order, address, folder, env, before, signal } = request;
  if (before === order.commit) return false;
  await rm(folder, { recursive: true, force: true });
  const run = (args: readonly string[], more: Record<string, string> = {}): Promise<GitAnswer> =>
    git.run([`--git-dir=${folder}`, ...args], { cwd: join(folder, '..'), signal, env: more });
  try {
    await borrow(git, request);
    await unpack(run, request);
    if (before !== null && !(await mayReplace(run, order, before))) throw foreignBranch(address, order.branch, before);
    const ref = `refs/heads/${order.branch}`;
    const lease = `--force-with-lease=${ref}:${before ?? ''}`;
    const push = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--no-signed', lease, '--', address];
    const answer = await run([...push, `${order.commit}:${ref}`], env);
    if (answer.code !== 0) throw pushFailed(address, order.branch, answer, request.denied);
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A bare repository that borrows the objects of the mirror, so that the mirror is only read. */
async function borrow(git: Git, { folder, mirror, order, signal }: PushRequest): Promise<void> {
  const format = order.commit.length === 64 ? 'sha256' : 'sha1';
  const init = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--', folder];
  const answer = await git.run(init, { cwd: join(folder, '..'), signal });
  if (answer.code !== 0) throw unusable(answer);
  await borrowObjects(folder, mirror);
}

type Run = (args: readonly string[], env?: Record<string, string>) => Promise<GitAnswer>;

async function unpack(run: Run, { bundleFile, order }: PushRequest): Promise<void> {
  const answer = await run(['fetch', '--quiet', '--no-tags', '--', bundleFile, `+${changeRef}:${changeRef}`]);
  if (answer.code !== 0) throw unusable(answer);
  const commit = (await run(['rev-parse', '--verify', '--quiet', changeRef])).stdout.trim();
  if (commit !== order.commit) throw damaged(`it holds ${commit.slice(0, 12)} instead of ${order.commit.slice(0, 12)}`);
}

/** Whether the branch stands where this task has put it, or where the commit follows on it. */
async function mayReplace(run: Run, order: DeliveryOrder, before: string): Promise<boolean> {
  if (order.knownCommits.includes(before)) return true;
  return (await run(['merge-base', '--is-ancestor', before, order.commit])).code === 0;
}

function unusable(answer: GitAnswer): DeliveryError {
  return fetchFailure(answer) === 'disk_full' ? diskFull() : damaged(lastLines(answer.stderr));
}

function damaged(why: string): DeliveryError {
  return new DeliveryError('delivery_failed', `The kept commit cannot be used (${why}). Retry the task.`);
}
