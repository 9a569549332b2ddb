// Real git, real folders, real processes.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { procTable, psTable } from '../process-tree/process-table.js';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { Git } from './git.js';
import { Mirrors } from './mirrors.js';
import { WorkspaceError } from './workspace-error.js';

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

  it('gives a commit that it has only to whom the server lets in, and when that is away', async () => {
    git(path, 'update-server-info');
    let isOpen = true;
    const asked: string[] = [];
    const server = createServer((req, res) => {
      asked.push(req.url ?? '');
      if (!isOpen) return void res.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      const file = join(path, '.git', new URL(req.url ?? '', 'http://localhost').pathname.replace('/shop.git', ''));
      return void (existsSync(file) ? res.end(readFileSync(file)) : res.writeHead(404).end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const remote = { ...request(), source: { url: `http://127.0.0.1:${port}/shop.git` } };
    try {
      const { commit: known } = await mirrors.fetch(remote);
      asked.length = 0;
      expect((await mirrors.fetch(remote, known)).commit).toBe(known);
      expect(asked.every((url) => /info.refs|HEAD/.test(url)) && asked.length > 0).toBe(true);
      asked.length = 0;
      expect((await mirrors.fetch({ ...remote, mayRead: true }, known)).commit).toBe(known);
      expect(asked).toEqual([]);
      isOpen = false;
      await expect(mirrors.fetch(remote, known)).rejects.toThrow('the worker may not read it');
      const gone = new WorkspaceError('workspace_failed', 'The secret was removed.');
      await expect(mirrors.fetch({ ...remote, env: () => Promise.reject(gone) }, known)).rejects.toBe(gone);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      expect((await mirrors.fetch(remote, known)).commit).toBe(known);
    } finally {
      server.close();
    }
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

describe('several processes on one mirror', () => {
  const program = join(import.meta.dirname, '..', 'testing', 'fetch-mirror.ts');
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const start = (environment: Record<string, string> = {}) =>
    spawn(
      process.execPath,
      ['--conditions=corch-source', '--import', pathToFileURL(tsx).href, program, join(base, 'mirrors'), path, base],
      { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
  const answerOf = async (child: ReturnType<typeof start>) => text(child.stdout ?? Readable.from([]));

  it('gives each what it wants, ten at once in each', async () => {
    const head = git(path, 'rev-parse', 'HEAD');
    const answers = await Promise.all([answerOf(start()), answerOf(start())]);
    expect(answers.flatMap((answer) => answer.trim().split('\n'))).toEqual(Array.from({ length: 20 }, () => head));
    const { folder } = await mirrors.fetch(request());
    expect(readdirSync(folder).sort()).toEqual(['1.git', 'mirror.json']);
  });

  it('goes on after one that was killed in the middle of a fetch, and ends what that left', async () => {
    // A git that fetches halfway, leaves its lock files and then hangs.
    const bin = join(base, 'bin');
    mkdirSync(bin);
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const script = `#!/bin/sh
case " $* " in *" fetch "*)
  dir=$(printf '%s\\n' "$@" | sed -n 's/^--git-dir=//p')
  touch "$dir/packed-refs.lock" "$dir/shallow.lock" "$dir/objects/pack/tmp_pack_half"
  echo $$ > ${base}/hangs
  exec sleep 600;;
esac
exec ${real} "$@"
`;
    writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
    const child = start({ PATH: `${bin}:${process.env['PATH'] ?? ''}` });
    const hung = await until(() =>
      existsSync(join(base, 'hangs')) ? readFileSync(join(base, 'hangs'), 'utf8').trim() : '',
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await lives(hung)).toBe(true);
    const { path: mirror, commit: head, folder } = await mirrors.fetch(request());
    expect(head).toBe(git(path, 'rev-parse', 'HEAD'));
    expect(await lives(hung)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['1.git', 'mirror.json']);
    expect(readdirSync(join(mirror, 'objects', 'pack')).filter((name) => name.startsWith('tmp'))).toEqual([]);
  });
});

const table = process.platform === 'linux' ? procTable : psTable;
const lives = async (pid: string) => (await table.list()).some((row) => row.pid === Number(pid));

async function until(look: () => string): Promise<string> {
  for (;;) {
    const found = look();
    if (found !== '') return found;
    await delay(20);
  }
}
