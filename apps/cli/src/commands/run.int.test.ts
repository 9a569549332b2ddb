import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { makeTask } from '../testing/make.js';
import { TestServer } from '../testing/test-server.js';

let server: TestServer;
let temporary: string;
beforeEach(async () => {
  server = await TestServer.start();
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 'corch-cli-')));
});
afterEach(async () => {
  await server.stop();
  rmSync(temporary, { recursive: true, force: true });
});

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test', ...options.env } });
const submitted = () => server.received.find(({ route }) => route === 'submitTask')?.body;

describe('run', () => {
  it('submits what was said, and prints id, address and what to do next', async () => {
    const schema = join(temporary, 'schema.json');
    writeFileSync(schema, '{"type":"object"}');
    const flags = ['-m', 'opus', '--priority', 'high', '--timeout', '30m', '--budget', '2.50', '--label', 'deps,a=b'];
    const retrying = ['--retries', '2', '--backoff', 'exponential:10s:5m'];
    const { code, stdout, stderr } = await call([
      'run',
      'Do it',
      ...flags,
      ...retrying,
      '--schema',
      schema,
      '--policy',
      'plan',
      '--demo',
    ]);
    expect(code).toBe(exitCodes.ok);
    expect(submitted()).toEqual({
      prompt: 'Do it',
      model: 'opus',
      priority: 3600,
      timeoutSeconds: 1800,
      budgetUsd: 2.5,
      retries: 2,
      backoff: { type: 'exponential', delayMs: 10_000, maxMs: 300_000 },
      labels: ['deps', 'a=b'],
      permissionPolicy: 'plan',
      answerSchema: { type: 'object' },
      demo: true,
    });
    const id = server.tasks[0]?.id ?? '';
    expect(stdout).toBe(`${id}\t${server.url}/tasks/${id}\n`);
    expect(stderr).toContain(`corch watch ${id.slice(-6)}`);
  });

  it('takes commands that set up and check, and files to keep', async () => {
    const steps = ['--setup', 'npm ci', '--check', 'npm test -- a,b', '--check', 'npx eslint .', '--check-rounds', '2'];
    const after = ['--teardown', 'docker compose down', '--artifact', 'out/*.html'];
    expect((await call(['run', 'Do it', ...steps, ...after])).code).toBe(exitCodes.ok);
    expect(submitted()).toEqual({
      prompt: 'Do it',
      setup: ['npm ci'],
      checks: ['npm test -- a,b', 'npx eslint .'],
      checkRounds: 2,
      teardown: ['docker compose down'],
      artifacts: ['out/*.html'],
    });
    const { code, stderr } = await call(['run', 'Do it', '--artifact', '../secret']);
    expect(code).toBe(exitCodes.invalid);
    expect(stderr).toContain('--artifact: must be a path below the workspace');
  });

  it('takes a command behind --, with everything that looks like a flag', async () => {
    await call(['run', '--title', 'Tests', '--', 'npm', 'test', '--json', '--', '-w']);
    expect(submitted()).toEqual({
      executor: 'command',
      command: ['npm', 'test', '--json', '--', '-w'],
      title: 'Tests',
    });
  });

  it('reads the prompt from stdin and from a file', async () => {
    await call(['run', '-'], { input: 'From stdin ✓\n' });
    expect(submitted()).toEqual({ prompt: 'From stdin ✓\n' });
    const file = join(temporary, 'prompt.md');
    writeFileSync(file, 'From a file');
    await call(['run', '-F', file]);
    expect(server.received.at(-1)?.body).toEqual({ prompt: 'From a file' });
  });

  it('says why a task waits and what helps', async () => {
    server.handlers['submitTask'] = () => ({
      status: 202,
      body: makeTask({
        status: 'queued',
        reason: 'no_login',
        reasonText: 'Nobody is signed in.',
        hint: 'Run `corch doctor`.',
      }),
    });
    expect((await call(['run', 'x'])).stderr).toContain('queued: Nobody is signed in. Run `corch doctor`.');
  });

  it('says that a repeated Idempotency-Key created nothing', async () => {
    server.handlers['submitTask'] = () => ({
      status: 202,
      body: makeTask(),
      headers: { 'idempotent-replayed': 'true' },
    });
    const { stderr } = await call(['run', 'x', '--idempotency-key', 'k1']);
    expect(server.received[0]?.idempotencyKey).toBe('k1');
    expect(stderr).toMatch(/nothing new was created/);
  });

  const refusals: [string, string[], number, RegExp, CorchOptions?][] = [
    ['an empty prompt', ['run', ' \n'], exitCodes.usage, /prompt is empty/],
    ['no prompt', ['run'], exitCodes.usage, /no prompt/],
    ['several words', ['run', 'fix', 'it'], exitCodes.usage, /quotes/],
    ['prompt and command', ['run', 'x', '--', 'ls'], exitCodes.usage, /exclude each other/],
    ['an empty command', ['run', '--'], exitCodes.usage, /no command/],
    ['a prompt over 1 MB', ['run', '-'], exitCodes.invalid, /prompt: .*1 MB/, { input: 'x'.repeat(1_000_001) }],
    [
      'bytes that are no UTF-8',
      ['run', '-'],
      exitCodes.invalid,
      /0xff at offset 3/,
      { input: Buffer.from('abc\u00ff', 'latin1') },
    ],
    ['an argument that lost bytes', ['run', 'caf\ufffd'], exitCodes.invalid, /not UTF-8/],
    ['a file that is not there', ['run', '-F', '/none.md'], exitCodes.invalid, /none\.md cannot be read: ENOENT/],
    ['an unknown model', ['run', 'x', '-m', 'gpt-9'], exitCodes.invalid, /--model: names no Claude model/],
    ['a base without a repository', ['run', 'x', '-b', 'main'], exitCodes.usage, /--base needs/],
    ['an empty repository', ['run', 'x', '-R', ''], exitCodes.usage, /--repo is empty/],
    ['a moment that no calendar holds', ['run', 'x', '--at', '+9999999999d'], exitCodes.usage, /--at.*Give a time/],
    ['a time without unit', ['run', 'x', '--timeout', '30'], exitCodes.usage, /unit/],
    ['an unknown flag', ['run', 'x', '--modle', 'opus'], exitCodes.usage, /--modle.*\n.*--model/],
    ['a backoff that is none', ['run', 'x', '--backoff', '10s'], exitCodes.usage, /exponential:10s:5m/],
    ['a policy that is none', ['run', 'x', '--policy', 'yolo'], exitCodes.usage, /work, edit, plan/],
  ];
  // Not `it.each`: a column that a row leaves out would be taken for its callback.
  for (const [what, args, code, words, options] of refusals) {
    it(`refuses ${what} before anything is sent`, async () => {
      const ended = await call(args, options);
      expect(ended.code).toBe(code);
      expect(ended.stderr).toMatch(words);
      expect(ended.stdout).toBe('');
      expect(server.received).toEqual([]);
    });
  }
});

describe('run -R', () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd });

  it('makes a path absolute, finds the top of the repository, and pins the task to this machine', async () => {
    const path = temporary;
    git(path, 'init', '-q', '-b', 'main');
    git(path, 'commit', '-q', '--allow-empty', '-m', 'one');
    mkdirSync(join(path, 'sub'));
    writeFileSync(join(path, 'sub', 'new.txt'), '');
    const { stderr } = await call(['run', 'x', '-R', '.', '-b', 'main'], { cwd: join(path, 'sub') });
    expect(submitted()).toEqual({ prompt: 'x', repository: { path, host: hostname() }, ref: 'main' });
    expect(stderr).toMatch(/not committed/);
    const missing = await call(['run', 'x', '-R', path, '-b', 'none']);
    expect(missing.code).toBe(exitCodes.invalid);
    expect(missing.stderr).toMatch(/no branch, tag or commit none/);
  });

  it('takes addresses as they are', async () => {
    await call(['run', 'x', '-R', 'git@github.com:acme/api.git']);
    expect(submitted()).toMatchObject({ repository: { url: 'git@github.com:acme/api.git' } });
  });

  it.each<[string, (path: string) => string, RegExp]>([
    ['does not exist', (path) => join(path, 'none'), /does not exist/],
    ['is a file', (path) => (writeFileSync(join(path, 'file'), ''), join(path, 'file')), /is a file/],
    ['is no repository', (path) => path, /not a git repository/],
    ['has no commit', (path) => (git(path, 'init', '-q'), path), /no commit yet/],
  ])('refuses a path that %s', async (_, make, words) => {
    const ended = await call(['run', 'x', '-R', make(temporary)]);
    expect(ended.code).toBe(exitCodes.invalid);
    expect(ended.stderr).toMatch(words);
    expect(server.received).toEqual([]);
  });
});
