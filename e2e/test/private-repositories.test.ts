import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SubmitTask } from '@corch/contract';
import { GitServer } from '../src/git-server.js';
import { git } from '../src/repository.js';
import { argumentsWith, filesWith } from '../src/search-files.js';
import { startStack, type Stack } from '../src/stack.js';

const password = 'k3y-$(id)-"of the house"';
const login = { username: 'robot', password };
/** As itself, in an address and in the header that carries it. */
const forms = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString('base64'),
  Buffer.from(`${login.username}:${password}`).toString('base64'),
];

let stack: Stack;
let server: GitServer;
beforeAll(async () => {
  stack = await startStack();
  server = await GitServer.start(join(stack.folder, 'served'), login);
});
afterAll(async () => {
  await server.close();
  await stack.stop();
});
beforeEach(() => {
  server.login = login;
  server.beforeAnswer = () => undefined;
});

const setSecret = (repository: string, value = password) =>
  stack.client.setSecret({
    params: { repository, secret: 'token' },
    body: { value, username: login.username },
  });

/** A repository that only the secret opens, registered under its name. */
async function register(name: string, files?: Record<string, string>): Promise<void> {
  const url = server.repository(name, files);
  await stack.client.addRepository({ body: { name, url } });
  await setSecret(name);
}

async function ended(task: SubmitTask) {
  const { id } = await stack.submit(task);
  return stack.until(id);
}

describe('a private repository', () => {
  it('is cloned with its secret, which stands nowhere afterwards, nor in a command line meanwhile', async () => {
    await register('private', { 'README.md': '# Private\n' });
    const seen: string[] = [];
    server.beforeAnswer = () => void seen.push(...argumentsWith(forms));
    const done = await ended({ prompt: 'Make notes [[scenario:edits]]', repository: { name: 'private' } });
    expect(done).toMatchObject({
      status: 'succeeded',
      repositoryName: 'private',
      repository: { url: server.urlOf('private') },
      stat: { files: 1 },
    });
    expect(server.requests.filter(({ status }) => status === 200).length).toBeGreaterThan(1);
    expect(seen).toEqual([]);
    const control = join(stack.folder, 'control');
    writeFileSync(control, gzipSync(`x ${password}`));
    expect(filesWith(stack.folder, forms)).toEqual([control]);
    rmSync(control);
    const events = await stack.events(done.currentRunId);
    const logs = stack.programs.map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const form of forms) {
      expect(JSON.stringify(events)).not.toContain(form);
      expect(logs).not.toContain(form);
    }
    expect(logs).toContain('secret handed out');
    expect(JSON.stringify(await stack.client.listSecrets({ params: { repository: 'private' } }))).not.toContain(
      password,
    );
  });

  it('is found by its address, too, however that is written', async () => {
    const url = server.urlOf('private').replace(/\.git$/, '/');
    const done = await ended({ executor: 'command', command: ['cat', 'README.md'], repository: { url } });
    expect(done).toMatchObject({ status: 'succeeded', repositoryName: 'private' });
  });

  it('hides the secret in what a run says', async () => {
    const turned = [...password].reverse().join('');
    const command = ['sh', '-c', 'printf %s "$1" | rev', 'sh', turned];
    const done = await ended({ executor: 'command', command, repository: { name: 'private' } });
    expect(done.status).toBe('succeeded');
    const events = JSON.stringify(await stack.events(done.currentRunId));
    expect(events).toContain('••••');
    expect(events).not.toContain('of the house');
  });

  it('says what to do when the server refuses the secret', async () => {
    server.login = { ...login, password: 'another one' };
    const done = await ended({ prompt: 'x', repository: { name: 'private' } });
    expect(done).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
    expect(done.currentRun.exit?.message).toContain('`corch secret set private`');
    expect(done.currentRun.exit?.message).not.toContain('another one');
  });

  it('says what to do when the secret was removed, and works again when it is set', async () => {
    await register('removed');
    await stack.client.removeSecret({ params: { repository: 'removed', secret: 'token' } });
    const failed = await ended({ prompt: 'x', repository: { name: 'removed' } });
    expect(failed).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
    expect(failed.currentRun.exit?.message).toContain('The secret token of the repository removed was removed.');
    await setSecret('removed');
    await stack.client.retryTask({ params: { taskId: failed.id } });
    expect((await stack.until(failed.id)).status).toBe('succeeded');
  });

  it('gives no commit that the worker has already, when the secret was removed or is refused', async () => {
    await register('known', { 'README.md': '# Known\n' });
    const read = { executor: 'command' as const, command: ['cat', 'README.md'], repository: { name: 'known' } };
    const { baseCommit: ref } = (await ended(read)).currentRun;
    if (ref === null) throw new Error('no commit');
    server.login = { ...login, password: 'another one' };
    const refused = await ended({ ...read, ref });
    expect(refused).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
    expect(refused.currentRun.exit?.message).toContain('`corch secret set known`');
    server.login = login;
    expect((await ended({ ...read, ref })).status).toBe('succeeded');
    await stack.client.removeRepository({ params: { repository: 'known' } });
    const byUrl = await ended({ ...read, repository: { url: server.urlOf('known') }, ref });
    expect(byUrl).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
  });

  it('is not reached with the secret of its neighbour on the same server', async () => {
    server.repository('neighbour');
    const done = await ended({ prompt: 'x', repository: { url: server.urlOf('neighbour') } });
    expect(done).toMatchObject({ status: 'failed', reason: 'workspace_failed', repositoryName: null });
  });
});

describe('submodules of a private repository', () => {
  it('of the same owner are filled with its secret, which no other repository gets', async () => {
    const heads = Object.fromEntries(
      ['acme/lib', 'other/lib'].map((name) => {
        server.repository(name, { 'lib.txt': `${name}\n` });
        return [name, git(server.pathOf(name), 'rev-parse', 'main').trim()];
      }),
    );
    const modules = ['../lib.git', server.urlOf('other/lib')].map(
      (url, n) => `[submodule "m${n}"]\n\tpath = m${n}\n\turl = ${url}\n`,
    );
    const url = server.repository('acme/shop', { '.gitmodules': modules.join('') });
    const source = join(stack.folder, 'served', 'acme/shop.source');
    for (const [n, name] of ['acme/lib', 'other/lib'].entries()) {
      git(source, 'update-index', '--add', '--cacheinfo', `160000,${heads[name]},m${n}`);
    }
    git(source, 'commit', '-q', '-m', 'submodules');
    git(source, 'push', '-q', server.pathOf('acme/shop'), 'main');
    await stack.client.addRepository({ body: { name: 'shop', url } });
    await setSecret('shop');
    server.requests.length = 0;
    const command = ['sh', '-c', 'cat m0/lib.txt; ls m1; git -C m0 config remote.origin.url'];
    const done = await ended({ executor: 'command', command, repository: { name: 'shop' } });
    expect(done.status).toBe('succeeded');
    const events = await stack.events(done.currentRunId);
    const printed = events.flatMap((event) => (event.type === 'output' ? event.text : [])).join('');
    expect(printed).toBe(`acme/lib\n${server.urlOf('acme/lib')}\n`);
    expect(JSON.stringify(events)).toMatch(/The submodule m1 stays empty: .* may not read it/);
    expect(
      server.requests.filter(({ url: asked, authorization }) => asked.startsWith('/other/') && authorization),
    ).toEqual([]);
  });
});

describe('trust', () => {
  const hook = { type: 'command', command: 'echo ran > "$CLAUDE_PROJECT_DIR/hooked.txt"' };
  const settings = { hooks: { SessionStart: [{ hooks: [hook] }] } };

  it('lets the hooks of a repository run, and only then', async () => {
    await register('hooks', { '.claude/settings.json': JSON.stringify(settings), 'CLAUDE.md': 'Be kind.\n' });
    const changed = async () => {
      const done = await ended({ prompt: 'Make notes [[scenario:edits]]', repository: { name: 'hooks' } });
      expect(done.status).toBe('succeeded');
      return done.stat?.files;
    };
    expect(await changed()).toBe(1);
    await stack.client.editRepository({ params: { repository: 'hooks' }, body: { trusted: true } });
    expect(await changed()).toBe(2);
  });
});

describe('a worker that allows other addresses only', () => {
  it('refuses in one sentence, before anything is asked', async () => {
    await stack.startWorker({ args: ['--pool', 'strict'], env: { WORKER_ALLOW_REPOSITORIES: 'github.com/acme/*' } });
    const before = server.requests.length;
    const done = await ended({ prompt: 'x', pool: 'strict', repository: { name: 'private' } });
    expect(done).toMatchObject({ status: 'failed', reason: 'refused' });
    expect(done.currentRun.exit?.message).toContain('--allow-repository');
    expect(server.requests.length).toBe(before);
  });
});
