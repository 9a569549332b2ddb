// Real git: the commit of a workspace, its bundle, and the branch on a bare repository.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunSpec, type ChangedFile, type DeliveryOrder } from '@corch/contract';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { prepareWorkspace, type Workspace } from '../workspace.js';
import { readChange } from '../workspace/change.js';
import type { FollowedCommit } from '../workspace/commit.js';
import { Git } from '../workspace/git.js';
import { Mirrors } from '../workspace/mirrors.js';
import { pushCommit, remoteBranch, type PushRequest } from './push.js';

const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const branch = 'corch/abc123-a-task';
const { signal } = new AbortController();
let base: string;
let remote: string;
let workspace: Workspace;
/** Of the change that was made last. */
let files: readonly ChangedFile[];

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-push-'));
  remote = makeRepository(join(base, 'remote'));
  mkdirSync(join(base, 'run'));
  workspace = await prepare();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function prepare(): Promise<Workspace> {
  const tools = { git: runner, mirrors: new Mirrors(runner, join(base, 'mirrors')) };
  const spec = RunSpec.parse({ prompt: 'x', repository: { path: remote } });
  return prepareWorkspace(tools, { spec, branch }, join(base, 'work'), { allow: [base], signal });
}

/** Changes a file and makes the commit of it. */
async function change(
  text: string,
  message = 'Change it\n\nTask: task_1\n',
  follows: FollowedCommit | null = null,
): Promise<string | null> {
  writeFileSync(join(workspace.folder, 'new file.txt'), text);
  const index = readFileSync(join(workspace.folder, '.git/index'));
  const commit = {
    author: 'Ada <ada@example.org>',
    message,
    bundleFile: join(base, 'run/change.bundle'),
    mailFile: null,
    follows,
  };
  const source = {
    workspace: workspace.folder,
    baseCommit: workspace.baseCommit,
    shadow: join(base, 'run/change.git'),
  };
  const read = await readChange(runner, { ...source, patchFile: join(base, 'run/patch.diff'), commit });
  expect(readFileSync(join(workspace.folder, '.git/index'))).toEqual(index);
  expect(read.made.follows).toBe(follows !== null && existsSync(follows.bundleFile));
  ({ files } = read);
  return read.made.commit;
}

function request(commit: string, over: Partial<DeliveryOrder> = {}): Omit<PushRequest, 'before'> {
  const { baseCommit, mirror } = workspace;
  if (baseCommit === null || mirror === null) throw new Error('no repository');
  const order: DeliveryOrder = {
    sourceRunId: 'run_1',
    mode: 'branch',
    branch,
    baseCommit,
    commit,
    knownCommits: [commit],
    pullRequest: null,
    answer: null,
    wording: {},
    ...over,
  };
  const folder = join(base, 'run/push.git');
  const bundleFile = join(base, 'run/change.bundle');
  return { address: remote, order, mirror, bundleFile, folder, env: {}, denied: 'Sign in.', signal };
}

/** Looks where the branch stands, and pushes. */
async function push(asked: ReturnType<typeof request>): Promise<boolean> {
  return pushCommit(runner, { ...asked, before: await remoteBranch(runner, asked) });
}

const tip = () => git(remote, 'rev-parse', branch);

describe('the commit of a change', () => {
  it('has the author, the message and one parent; the files are listed', async () => {
    const commit = await change('one\n');
    expect(files).toEqual([{ path: 'new file.txt', status: 'added', additions: 1, deletions: 0, binary: false }]);
    await push(request(commit ?? ''));
    const shown = git(remote, 'show', '-s', '--format=%an <%ae>|%P|%B', branch);
    expect(shown).toBe(`Ada <ada@example.org>|${workspace.baseCommit}|Change it\n\nTask: task_1`);
  });

  it('is none when nothing was changed', async () => {
    const before = readFileSync(join(workspace.folder, 'README.md'), 'utf8');
    writeFileSync(join(workspace.folder, 'README.md'), before);
    rmSync(join(workspace.folder, 'new file.txt'), { force: true });
    const commit = { author: 'A <a@b>', message: 'm', bundleFile: join(base, 'run/b'), mailFile: null };
    const place = { workspace: workspace.folder, baseCommit: workspace.baseCommit, shadow: join(base, 'run/s.git') };
    const made = await readChange(runner, { ...place, patchFile: join(base, 'run/p'), commit });
    expect(made).toMatchObject({ made: { commit: null, follows: false }, stat: { files: 0 } });
  });
});

describe('the commit of a change that goes on from a public one', () => {
  /** Publishes a change, and keeps its bundle for the next. */
  const published = async (text: string, before: FollowedCommit | null = null): Promise<FollowedCommit> => {
    const commit = (await change(text, undefined, before)) ?? '';
    await push(request(commit, { knownCommits: [commit, before?.commit ?? commit] }));
    const bundleFile = join(base, `run/${commit}.bundle`);
    copyFileSync(join(base, 'run/change.bundle'), bundleFile);
    return { commit, bundleFile };
  };
  const history = () => git(remote, 'log', '--format=%H', branch).split('\n');

  it('is put on top of it, again and again', async () => {
    const first = await published('one\n');
    const second = await published('two\n', first);
    const third = await published('three\n', second);
    expect(history()).toEqual([third.commit, second.commit, first.commit, workspace.baseCommit]);
    expect(git(remote, 'show', `${branch}:new file.txt`)).toBe('three');
    expect(git(remote, 'show', `${branch}~1:new file.txt`)).toBe('two');
  });

  it('is the public one when nothing came since, and takes everything back when that was done', async () => {
    const first = await published('one\n');
    expect(await change('one\n', undefined, first)).toBe(first.commit);
    rmSync(join(workspace.folder, 'new file.txt'));
    const written = { author: 'A <a@b>', message: 'm', bundleFile: join(base, 'run/b'), mailFile: join(base, 'run/m') };
    const place = { workspace: workspace.folder, baseCommit: workspace.baseCommit, shadow: join(base, 'run/s.git') };
    const commit = { ...written, follows: first };
    const { made, stat } = await readChange(runner, { ...place, patchFile: join(base, 'run/p'), commit });
    expect([stat.files, made.follows]).toEqual([0, true]);
    expect(made.commit).not.toBe(first.commit);
    expect(readFileSync(written.mailFile, 'utf8').match(/^From [0-9a-f]{40}/gm)).toHaveLength(2);
  });

  it('holds the whole change when the public one cannot be read', async () => {
    const { commit, bundleFile } = await published('one\n');
    writeFileSync(bundleFile, 'no bundle');
    const follows = { commit, bundleFile };
    writeFileSync(join(workspace.folder, 'new file.txt'), 'two\n');
    const written = { author: 'A <a@b>', message: 'm', bundleFile: join(base, 'run/change.bundle'), mailFile: null };
    const place = { workspace: workspace.folder, baseCommit: workspace.baseCommit, shadow: join(base, 'run/s.git') };
    const again = { ...written, follows };
    const { made } = await readChange(runner, { ...place, patchFile: join(base, 'run/p'), commit: again });
    expect(made.follows).toBe(false);
    await push(request(made.commit ?? '', { knownCommits: [commit] }));
    expect(history()).toEqual([made.commit, workspace.baseCommit]);
  });
});

describe('pushCommit', () => {
  it('can be repeated', async () => {
    const commit = (await change('one\n')) ?? '';
    expect(await push(request(commit))).toBe(true);
    expect(await push(request(commit))).toBe(false);
    expect(tip()).toBe(commit);
  });

  it('does not overwrite what came after the branch was looked at', async () => {
    const first = (await change('one\n')) ?? '';
    const asked = request(first);
    const before = await remoteBranch(runner, asked);
    await push(asked);
    const second = request((await change('two\n')) ?? '', { knownCommits: [first] });
    await expect(pushCommit(runner, { ...second, before })).rejects.toMatchObject({
      outcome: 'delivery_failed',
      message: expect.stringContaining('was moved'),
    });
    expect(tip()).toBe(first);
  });

  it('replaces what this task has put there, and nothing else', async () => {
    const first = (await change('one\n')) ?? '';
    await push(request(first));
    const second = (await change('two\n')) ?? '';
    await expect(push(request(second))).rejects.toMatchObject({
      outcome: 'delivery_failed',
      message: expect.stringContaining('did not come from this task'),
    });
    expect(tip()).toBe(first);
    await push(request(second, { knownCommits: [first, second] }));
    expect(tip()).toBe(second);
  });

  it('moves a branch forward that the change follows on', async () => {
    git(remote, 'branch', 'next');
    const commit = (await change('one\n')) ?? '';
    await push(request(commit, { branch: 'next' }));
    expect(git(remote, 'rev-parse', 'next')).toBe(commit);
  });

  it('leaves a branch alone that went on without it', async () => {
    git(remote, 'checkout', '-q', '-b', 'next');
    writeFileSync(join(remote, 'other.txt'), 'x');
    commitAll(remote, 'other');
    const commit = (await change('one\n')) ?? '';
    await expect(push(request(commit, { branch: 'next' }))).rejects.toThrow('was not overwritten');
  });

  it.each([
    ['corch', branch],
    ['topic/one', 'topic'],
  ])('says that the branch %s is in the way of %s', async (other, wanted) => {
    git(remote, 'branch', other);
    const commit = (await change('one\n')) ?? '';
    await expect(push(request(commit, { branch: wanted }))).rejects.toMatchObject({
      outcome: 'delivery_failed',
      message: expect.stringContaining(`as the branch ${other} is in its way`),
    });
  });

  it('says what a hook of the server says', async () => {
    const hook = join(remote, '.git/hooks/pre-receive');
    mkdirSync(join(remote, '.git/hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "This branch is protected."\nexit 1\n', { mode: 0o755 });
    const commit = (await change('one\n')) ?? '';
    await expect(push(request(commit))).rejects.toMatchObject({
      outcome: 'delivery_failed',
      message: expect.stringContaining('This branch is protected.'),
    });
  });

  it('says that the repository is gone', async () => {
    const commit = (await change('one\n')) ?? '';
    rmSync(remote, { recursive: true });
    await expect(push(request(commit))).rejects.toMatchObject({ outcome: 'delivery_failed' });
  });
});
