// Real git, real folders, real processes.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { Git } from './git.js';
import { Mirrors } from './mirrors.js';

let base: string;
let path: string;
let mirrors: Mirrors;
const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-mirrors-'));
  path = makeRepository(join(base, 'shop'));
  mirrors = new Mirrors(runner, join(base, 'mirrors'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const request = (over: { signal?: AbortSignal } = {}) => ({
  source: { path },
  allow: [base],
  signal: new AbortController().signal,
  ...over,
});

function commit(name: string): string {
  writeFileSync(join(path, name), name);
  commitAll(path, name);
  return git(path, 'rev-parse', 'HEAD');
}

describe('Mirrors', () => {
  it('has what the remote has now, and keeps what it had', async () => {
    const first = await mirrors.fetch(request());
    expect(first).toMatchObject({ commit: git(path, 'rev-parse', 'HEAD'), defaultBranch: 'main' });
    git(path, 'checkout', '-q', '-b', 'topic');
    const second = commit('two');
    expect((await mirrors.fetch(request(), 'topic')).commit).toBe(second);
    expect((await mirrors.fetch(request())).defaultBranch).toBe('topic');
    git(path, 'checkout', '-q', 'main');
    git(path, 'branch', '-q', '-D', 'topic');
    await expect(mirrors.fetch(request(), 'topic')).rejects.toThrow(/has no branch, tag or commit topic/);
    expect((await mirrors.fetch(request())).defaultBranch).toBe('main');
    expect((await mirrors.fetch(request(), second)).commit).toBe(second);
    // A branch that takes the place of a folder of branches, and the other way round.
    git(path, 'branch', 'topic/a');
    await mirrors.fetch(request(), 'topic/a');
    git(path, 'branch', '-q', '-D', 'topic/a');
    git(path, 'branch', 'topic');
    await mirrors.fetch(request(), 'topic');
    expect(readdirSync(first.folder).sort()).toEqual(['1.git', 'mirror.json']);
  });

  it('knows a detached HEAD, a HEAD that leads nowhere, and an empty repository', async () => {
    const old = git(path, 'rev-parse', 'HEAD');
    commit('two');
    git(path, 'checkout', '-q', '--detach', old);
    expect(await mirrors.fetch(request())).toMatchObject({ commit: old, defaultBranch: null });
    git(path, 'symbolic-ref', 'HEAD', 'refs/heads/gone');
    await expect(mirrors.fetch(request())).rejects.toThrow(/its default branch does not exist/);
    expect((await mirrors.fetch(request(), 'main')).defaultBranch).toBeNull();
    path = join(base, 'empty');
    mkdirSync(path);
    git(path, 'init', '-q');
    await expect(mirrors.fetch(request())).rejects.toThrow(/has no commits yet/);
    await expect(mirrors.fetch(request(), 'main')).rejects.toThrow(/has no commits yet/);
  });

  it('asks the remote for nothing when the commit is there, and says that the remote is gone otherwise', async () => {
    const { commit: known } = await mirrors.fetch(request());
    git(path, 'config', 'uploadpack.hideRefs', 'refs/');
    expect((await mirrors.fetch(request(), known)).commit).toBe(known);
    rmSync(join(path, '.git'), { recursive: true });
    await expect(mirrors.fetch(request(), 'main')).rejects.toThrow(/is not a git repository/);
  });

  it('is made anew when it is damaged, beside the old one', async () => {
    const first = await mirrors.fetch(request());
    writeFileSync(join(first.path, 'HEAD'), 'nonsense');
    commit('two');
    const second = await mirrors.fetch(request());
    expect(second.path).not.toBe(first.path);
    expect(existsSync(first.path)).toBe(true);
    expect(second.commit).toBe(git(path, 'rev-parse', 'HEAD'));
  });

  it('takes in a source whose history is cut off', async () => {
    commit('two');
    const shallow = join(base, 'shallow');
    git(base, 'clone', '-q', '--depth=1', `file://${path}`, shallow);
    path = shallow;
    const { path: mirror, commit: head } = await mirrors.fetch(request());
    expect(readFileSync(join(mirror, 'shallow'), 'utf8').trim()).toBe(head);
  });

  it('stops when it is told to, and only for who was told', async () => {
    const stop = new AbortController();
    const stopped = mirrors.fetch(request({ signal: stop.signal }));
    const other = mirrors.fetch(request());
    stop.abort(new Error('told to'));
    await expect(stopped).rejects.toThrow('told to');
    expect((await other).commit).toBe(git(path, 'rev-parse', 'HEAD'));
  });
});
