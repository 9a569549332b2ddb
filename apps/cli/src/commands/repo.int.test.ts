import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PermissionPolicy, type Repository, type Secret } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { FakeTerminal } from '../testing/fake-terminal.js';
import { problem, TestServer } from '../testing/test-server.js';

const at = '2026-01-01T00:00:00.000Z';
const api: Repository = {
  id: 'repo_01k00000000000000000000000',
  name: 'api',
  url: 'https://git.example.org/acme/api.git',
  defaultBranch: 'trunk',
  trusted: false,
  gitSecret: 'token',
  apiSecret: 'gone',
  branchTemplate: null,
  defaults: { model: 'opus', labels: ['team=a'] },
  createdAt: at,
  updatedAt: at,
};
const token: Secret = {
  repository: 'api',
  name: 'token',
  username: null,
  uses: ['git'],
  readable: true,
  createdAt: at,
  updatedAt: at,
  updatedBy: 'admin',
};

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
  const known = (name: string | undefined, body: unknown) =>
    name === 'api' ? { body } : problem('repository_not_found');
  server.handlers['listRepositories'] = () => ({ body: { data: [api] } });
  server.handlers['addRepository'] = ({ body }) => ({ status: 201, body: { ...api, ...(body as object) } });
  server.handlers['readRepository'] = ({ params }) => known(params['repository'], api);
  server.handlers['editRepository'] = ({ params, body }) =>
    known(params['repository'], { ...api, ...(body as object) });
  server.handlers['removeRepository'] = () => ({ status: 204 });
  server.handlers['listSecrets'] = ({ params }) => known(params['repository'], { data: [token] });
  server.handlers['setSecret'] = ({ params }) => ({ body: { ...token, name: params['secret'] } });
  server.handlers['removeSecret'] = () => ({ status: 204 });
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const last = () => server.received.at(-1);

describe('repo', () => {
  it('add sends what was said and nothing else', async () => {
    const { code, stderr } = await call([
      'repo',
      'add',
      'api',
      api.url,
      '-b',
      'main',
      '--model',
      'opus',
      '--label',
      'a',
    ]);
    expect(code).toBe(exitCodes.ok);
    expect(last()?.body).toEqual({
      name: 'api',
      url: api.url,
      defaultBranch: 'main',
      defaults: { model: 'opus', labels: ['a'] },
    });
    expect(stderr).toContain('secret set api');
  });

  it('add takes every policy that a task may have', async () => {
    for (const policy of PermissionPolicy.options) {
      expect((await call(['repo', 'add', 'api', api.url, '--policy', policy])).code).toBe(exitCodes.ok);
      expect(last()?.body).toMatchObject({ defaults: { permissionPolicy: policy } });
    }
  });

  it('ls and show tell what is missing', async () => {
    expect((await call(['repo', 'ls'])).stdout).toBe(`api\t${api.url}\ttrunk\tno\ttoken,gone\n`);
    expect((await call(['repo', 'ls', '-q'])).stdout).toBe('api\n');
    const { stdout } = await call(['repo', 'show', 'api']);
    expect(stdout).toContain('git secret\ttoken\n');
    expect(stdout).toContain('api secret\tgone (not set)\n');
    expect(stdout).toContain('model\topus\n');
    expect((await call(['repo', 'show', 'nope'])).code).toBe(exitCodes.notFound);
  });

  it.each([
    [['--url', 'https://git.example.org/b.git'], { url: 'https://git.example.org/b.git' }],
    [['--no-git-secret', '--api-secret', 'rest'], { gitSecret: null, apiSecret: 'rest' }],
    [['--timeout', '30m'], { defaults: { model: 'opus', labels: ['team=a'], timeoutSeconds: 1800 } }],
    [['--unset', 'model,branch'], { defaultBranch: null, defaults: { labels: ['team=a'] } }],
  ])('set %j', async (flags, expected) => {
    expect((await call(['repo', 'set', 'api', ...flags])).code).toBe(exitCodes.ok);
    expect(last()?.body).toEqual(expected);
  });

  it('set refuses what it does not know', async () => {
    expect((await call(['repo', 'set', 'api'])).code).toBe(exitCodes.usage);
    expect((await call(['repo', 'set', 'api', '--unset', 'name'])).stderr).toContain('branch, branch-template, model');
  });

  it('trust and rm ask before they do it', async () => {
    expect((await call(['repo', 'trust', 'api'])).code).toBe(exitCodes.needsInput);
    expect((await call(['repo', 'trust', 'api', '-y'])).code).toBe(exitCodes.ok);
    expect(last()?.body).toEqual({ trusted: true });
    await call(['repo', 'trust', 'api', '--off']);
    expect(last()?.body).toEqual({ trusted: false });
    expect((await call(['repo', 'rm', 'api'])).code).toBe(exitCodes.needsInput);
    expect((await call(['repo', 'rm', 'api', '-y'])).stdout).toBe('api\n');
    expect(last()?.route).toBe('removeRepository');
  });
});

describe('secret', () => {
  it('set reads the value from stdin and shows it nowhere', async () => {
    const { code, stdout, stderr } = await call(['secret', 'set', 'api', '--username', 'robot', '--for', 'git'], {
      input: 'ghp_0123456789\n',
    });
    expect(code).toBe(exitCodes.ok);
    expect(last()).toMatchObject({ route: 'setSecret', params: { repository: 'api', secret: 'token' } });
    expect(last()?.body).toEqual({ value: 'ghp_0123456789', username: 'robot', uses: ['git'] });
    expect(stdout + stderr).not.toContain('ghp_');
  });

  it('set asks on a screen, and does not show what is typed', async () => {
    const terminal = new FakeTerminal({ isTTY: true });
    const done = call(['secret', 'set', 'api', 'rest'], { terminal });
    await terminal.says('not shown');
    terminal.stdin.write('typed-secret\r');
    const { code, stdout, stderr } = await done;
    expect(code).toBe(exitCodes.ok);
    expect(last()?.body).toEqual({ value: 'typed-secret' });
    expect(stdout + stderr).not.toContain('typed');
  });

  it.each([
    ['', 'empty'],
    ['short\n', 'at least 8 characters'],
    ['two lines\nof a key file\n', 'one line'],
  ])('set refuses %j', async (input, why) => {
    const { code, stderr } = await call(['secret', 'set', 'api'], { input });
    expect(code).toBe(exitCodes.invalid);
    expect(stderr).toContain(why);
    expect(server.received.map(({ route }) => route)).not.toContain('setSecret');
  });

  it('set says a wrong name before it asks for the value', async () => {
    const { code } = await call(['secret', 'set', 'nope'], { input: 'ghp_0123456789' });
    expect(code).toBe(exitCodes.notFound);
  });

  it('ls lists those of all repositories, rm removes one', async () => {
    expect((await call(['secret', 'ls'])).stdout).toBe(`api\ttoken\tgit\t—\tset\t${at}\tadmin\n`);
    expect((await call(['secret', 'ls', 'api', '-q'])).stdout).toBe('api/token\n');
    expect((await call(['secret', 'rm', 'api', 'token', '-y'])).stdout).toBe('token\n');
    expect(last()).toMatchObject({ route: 'removeSecret', params: { repository: 'api', secret: 'token' } });
  });
});

describe('run -R', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'corch-cli-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const submitted = () => server.received.find(({ route }) => route === 'submitTask')?.body;

  it('takes a registered name', async () => {
    await call(['run', '-R', 'api', '-b', 'v1', 'Fix it'], { cwd });
    expect(submitted()).toEqual({ prompt: 'Fix it', repository: { name: 'api' }, ref: 'v1' });
  });

  it('takes a folder of that name first', async () => {
    mkdirSync(join(cwd, 'api'));
    const { code } = await call(['run', '-R', 'api', 'Fix it'], { cwd });
    expect(code).not.toBe(exitCodes.ok);
    expect(submitted()).toBeUndefined();
  });

  it('takes no address with a password in it', async () => {
    const { code, stderr } = await call(['run', '-R', 'https://me:pw@git.example.org/a.git', 'x'], { cwd });
    expect(code).toBe(exitCodes.invalid);
    expect(stderr).toContain('-R/--repo');
  });
});
