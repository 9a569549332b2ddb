import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PermissionPolicy, TaskDefaults, type Repository, type Secret } from '@corch/contract';
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
  apiUrl: null,
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

  it('add and show know every default', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corch-cli-'));
    writeFileSync(join(folder, 'system.md'), 'Be brief.\n');
    writeFileSync(join(folder, 'body.md'), '{answer}\n{taskUrl}\n');
    const given: [flag: string, value: string | null, shown?: string][] = [
      ['model', 'opus'],
      ['fallback-model', 'haiku'],
      ['priority', 'high', '3600'],
      ['timeout', '30m', '1800s'],
      ['idle-timeout', '5m', '300s'],
      ['retries', '2'],
      ['backoff', 'exponential:10s:5m', 'exponential:10000ms:300000ms'],
      ['budget', '2.5'],
      ['max-turns', '9'],
      ['label', 'a,b'],
      ['pool', 'fast'],
      ['require', 'gpu'],
      ['policy', 'ask'],
      ['fail-on-denied', null, 'yes'],
      ['tool', 'Read,Edit'],
      ['system-prompt-file', 'system.md', '"Be brief.\\n"'],
      ['setup', 'npm ci'],
      ['check', 'npm test, all'],
      ['check-rounds', '2'],
      ['teardown', 'true'],
      ['artifact', 'coverage/**'],
      ['concurrency-key', 'api'],
      ['concurrency-limit', '3'],
      ['deliver', 'pr'],
      ['deliver-to', 'bot/work'],
      ['draft', null, 'yes'],
      ['into', 'trunk'],
      ['pr-title', '[bot] {title}'],
      ['pr-body-file', 'body.md', '"{answer}\\n{taskUrl}\\n"'],
      ['commit-author', 'Ada <ada@example.org>'],
      ['commit-message', 'fix: {title}'],
      ['trailer', 'Reviewed-by: Ada <ada@example.org>'],
    ];
    const args = given.flatMap(([flag, value]) => [`--${flag}`, ...(value === null ? [] : [value])]);
    const { code, stdout } = await call(['repo', 'add', 'api', api.url, ...args], { cwd: folder });
    rmSync(folder, { recursive: true });
    expect(code).toBe(exitCodes.ok);
    const { defaults } = last()?.body as Repository;
    // None that the API takes is forgotten here.
    expect(Object.keys(defaults).toSorted()).toEqual(Object.keys(TaskDefaults.shape).toSorted());
    expect(TaskDefaults.parse(defaults)).toMatchObject({
      ...{ checks: ['npm test, all'], systemPrompt: 'Be brief.\n', commit: { author: 'Ada <ada@example.org>' } },
      delivery: { mode: 'pr', branch: 'bot/work', draft: true, base: 'trunk', body: '{answer}\n{taskUrl}\n' },
    });
    for (const [flag, value, shown] of given) expect(stdout).toContain(`${flag}\t${shown ?? value}\n`);
  });

  it.each([
    [['--check-rounds', '99'], exitCodes.usage, '0 to 10'],
    [['--deliver', 'mail'], exitCodes.usage, 'none, patch, branch, pr'],
    [['--api-url', 'http://git.example.org/api'], exitCodes.usage, 'must be an https:// address'],
    [['--concurrency-limit', '2'], exitCodes.invalid, '--concurrency-limit: needs a `concurrencyKey`'],
    [['--commit-author', 'Ada'], exitCodes.invalid, '--commit-author: must be'],
    [['--commit-message', 'fix: \ufffd'], exitCodes.invalid, '--commit-message on the command line is not UTF-8'],
    [['--check', 'npm test', '--check', 'echo \ufffd'], exitCodes.invalid, '--check on the command line is not UTF-8'],
    [['--artifact', '../up'], exitCodes.invalid, '--artifact: must be a path below'],
    [['--system-prompt-file', 'not-there'], exitCodes.invalid, 'not-there cannot be read'],
  ])('add refuses %j', async (flags, expected, words) => {
    const { code, stderr } = await call(['repo', 'add', 'api', api.url, ...flags]);
    expect(code).toBe(expected);
    expect(stderr).toContain(words);
    expect(last()).toBeUndefined();
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
    [['--api-url', 'https://git.example.org/rest/'], { apiUrl: 'https://git.example.org/rest' }],
    [['--unset', '--api-url'], { apiUrl: null }],
  ])('set %j', async (flags, expected) => {
    expect((await call(['repo', 'set', 'api', ...flags])).code).toBe(exitCodes.ok);
    expect(last()?.body).toEqual(expected);
  });

  it('set changes parts of a delivery and leaves the others', async () => {
    const now = { ...api, defaults: { delivery: { mode: 'pr' as const, draft: true }, commit: { message: 'm' } } };
    server.handlers['readRepository'] = () => ({ body: now });
    await call(['repo', 'set', 'api', '--into', 'trunk', '--unset', 'draft,commit-message']);
    expect(last()?.body).toEqual({ defaults: { delivery: { mode: 'pr', base: 'trunk' } } });
  });

  it('set refuses what it does not know', async () => {
    expect((await call(['repo', 'set', 'api'])).code).toBe(exitCodes.usage);
    expect((await call(['repo', 'set', 'api', '--unset', 'name'])).stderr).toContain(
      'branch, branch-template, api-url, model',
    );
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
