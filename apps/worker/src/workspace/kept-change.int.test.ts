// Real git: two workers, of which the second starts from a change that only the first one and the orchestrator have.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunSpec } from '@corch/contract';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { pushCommit } from '../deliver/push.js';
import { prepareWorkspace, type Workspace } from '../workspace.js';
import { readChange } from './change.js';
import { Git } from './git.js';
import type { KeptChange } from './kept-change.js';
import { Mirrors } from './mirrors.js';
import { WorkspaceError } from './workspace-error.js';

const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const ref = 'corch/abc123-the-first';
const { signal } = new AbortController();
let base: string;
let remote: string;
let start: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-kept-'));
  remote = makeRepository(join(base, 'remote'));
  start = git(remote, 'rev-parse', 'HEAD');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const prepare = (worker: string, branch: string, asked?: { ref: string; kept?: KeptChange | undefined }) => {
  const tools = { git: runner, mirrors: new Mirrors(runner, join(base, worker, 'mirrors')) };
  const spec = RunSpec.parse({ prompt: 'x', repository: { path: remote }, ref: asked?.ref });
  const access = { allow: [base], signal, kept: asked?.kept };
  return prepareWorkspace(tools, { spec, branch }, join(base, worker, branch), access);
};

/** Writes a file in a workspace and keeps its change. */
async function change(workspace: Workspace, name: string, bundleBase?: string) {
  writeFileSync(join(workspace.folder, name), `${name}\n`);
  const run = join(base, `run-${name}`);
  mkdirSync(run);
  const commit = {
    ...{ author: 'Ada <ada@example.org>', message: name, mailFile: null, bundleFile: join(run, 'change.bundle') },
    ...(bundleBase !== undefined && { bundleBase }),
  };
  const { folder, baseCommit } = workspace;
  const files = { shadow: join(run, 'change.git'), patchFile: join(run, 'patch.diff') };
  const read = await readChange(runner, { ...files, workspace: folder, baseCommit, commit });
  const patch = readFileSync(files.patchFile, 'utf8');
  return { commit: read.made.commit ?? '', bundleFile: commit.bundleFile, stat: read.stat, patch };
}

/** What the orchestrator keeps of a change; `reads` counts how often it was asked for. */
function kept(made: { commit: string; bundleFile: string }, baseCommit = start): KeptChange & { reads: number } {
  const change = {
    ...{ ref, taskId: 'task_1', commit: made.commit, baseCommit, reads: 0 },
    withBundle: <T>(use: (file: string) => Promise<T>) => {
      change.reads++;
      return use(made.bundleFile);
    },
  };
  return change;
}

/** Commits to the branch of the remote, which began at `from`. */
function commitThere(from: string, name: string): string {
  git(remote, 'checkout', '-q', '-B', ref, from);
  writeFileSync(join(remote, name), `${name}\n`);
  commitAll(remote, name);
  const commit = git(remote, 'rev-parse', 'HEAD');
  git(remote, 'checkout', '-q', 'main');
  return commit;
}

const push = (branch: string, made: { commit: string; bundleFile: string }, mirror: string) =>
  pushCommit(runner, {
    ...{ address: remote, mirror, bundleFile: made.bundleFile, folder: join(base, 'push.git') },
    ...{ env: {}, denied: 'Sign in.', signal, before: null },
    order: {
      ...{ sourceRunId: 'run_1', mode: 'branch', branch, baseCommit: start, commit: made.commit },
      ...{ knownCommits: [], pullRequest: null, answer: null, wording: {} },
    },
  });

describe('a run that starts from a change which the remote does not have', () => {
  it('has its files on another worker, and is a change of its own on top', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    const source = kept(first);
    const workspace = await prepare('b', 'second', { ref, kept: source });
    expect(workspace.baseCommit).toBe(first.commit);
    expect(readFileSync(join(workspace.folder, 'one.txt'), 'utf8')).toBe('one.txt\n');
    expect(git(workspace.folder, 'for-each-ref', '--format=%(refname)').split('\n').toSorted()).toEqual([
      ...['refs/heads/second', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'],
    ]);
    const second = await change(workspace, 'two.txt', start);
    expect(second.stat).toEqual({ files: 1, additions: 1, deletions: 0 });
    expect(second.patch).not.toContain('one.txt');
    // A third worker, which has seen neither, delivers both.
    const third = await prepare('c', 'third');
    await push('delivered', second, third.mirror ?? '');
    expect(git(remote, 'log', '--format=%H', 'delivered').split('\n')).toEqual([second.commit, first.commit, start]);
    // And the next one starts from both.
    const next = await prepare('d', 'fourth', { ref, kept: kept(second) });
    expect([existsSync(join(next.folder, 'one.txt')), existsSync(join(next.folder, 'two.txt'))]).toEqual([true, true]);
  });

  it('is asked for once by many runs, and not where it was made', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    const source = kept(first);
    const made = await Promise.all(['x', 'y', 'z'].map((branch) => prepare('b', branch, { ref, kept: source })));
    expect(new Set(made.map(({ baseCommit }) => baseCommit))).toEqual(new Set([first.commit]));
    const { reads } = source;
    // By its commit, as a run that goes on from a checkpoint asks.
    expect((await prepare('b', 'again', { ref: first.commit, kept: source })).baseCommit).toBe(first.commit);
    expect((await prepare('b', 'later', { ref, kept: source })).baseCommit).toBe(first.commit);
    expect(source.reads).toBe(reads);
    expect((await prepare('c', 'other', { ref: first.commit, kept: source })).baseCommit).toBe(first.commit);
    expect(source.reads).toBe(reads + 1);
  });

  it('takes it in again when the mirror was damaged', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    const source = kept(first);
    const workspace = await prepare('b', 'second', { ref, kept: source });
    writeFileSync(join(workspace.mirror ?? '', 'HEAD'), 'nonsense');
    const again = await prepare('b', 'third', { ref, kept: source });
    expect(again.mirror).not.toBe(workspace.mirror);
    expect(again.baseCommit).toBe(first.commit);
    expect(source.reads).toBe(2);
  });
});

describe('a branch of that name on the remote', () => {
  it('is where it starts, when that goes on from the change', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    await push(ref, first, (await prepare('c', 'pusher')).mirror ?? '');
    const source = kept(first);
    expect((await prepare('b', 'same', { ref, kept: source })).baseCommit).toBe(first.commit);
    const later = commitThere(first.commit, 'later.txt');
    expect((await prepare('b', 'later', { ref, kept: source })).baseCommit).toBe(later);
    expect(source.reads).toBe(0);
  });

  it('is not, as long as the change has gone on from it', async () => {
    const early = commitThere(start, 'early.txt');
    const workspace = await prepare('a', 'first', { ref });
    expect(workspace.baseCommit).toBe(early);
    const first = await change(workspace, 'one.txt');
    expect((await prepare('b', 'second', { ref, kept: kept(first, early) })).baseCommit).toBe(first.commit);
  });

  it('is an error when it went another way', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    const other = commitThere(start, 'other.txt');
    await expect(prepare('b', 'second', { ref, kept: kept(first) })).rejects.toThrow(
      `The branch ${ref} of ${remote} (${other.slice(0, 12)}) and the change of the task task_1 (${first.commit.slice(0, 12)}), which is not part of it, have gone apart.`,
    );
  });
});

describe('a change that cannot be used', () => {
  it('ends the run with what is wrong', async () => {
    const first = await change(await prepare('a', 'first'), 'one.txt');
    const text = 'It is not kept any more.';
    const withBundle = () => Promise.reject(new WorkspaceError('workspace_failed', text));
    await expect(prepare('b', 'gone', { ref, kept: { ...kept(first), withBundle } })).rejects.toThrow(text);
    writeFileSync(join(base, 'broken'), 'no bundle');
    const broken = kept({ ...first, bundleFile: join(base, 'broken') });
    await expect(prepare('b', 'broken', { ref, kept: broken })).rejects.toThrow(
      /^The kept change of the task task_1, which this one starts from, cannot be used \(.+\)\. Retry that task/,
    );
    const lost = 'f'.repeat(40);
    await expect(prepare('b', 'lost', { ref, kept: kept(first, lost) })).rejects.toThrow(
      `${remote} does not have the commit ${lost.slice(0, 12)} any more`,
    );
    await expect(prepare('b', 'never', { ref })).rejects.toThrow(/it has no branch, tag or commit/);
  });
});
