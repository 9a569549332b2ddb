import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from './exit-codes.js';
import { corch, type CorchOptions } from './testing/corch.js';
import { FakeTerminal } from './testing/fake-terminal.js';
import { at, makeEvents, makeId, makeRun, makeTask } from './testing/make.js';
import { problem, TestServer } from './testing/test-server.js';

const escape = '\u001b[';
let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test', ...options.env } });

describe('output', () => {
  const hostile = 'Fix \u001b]0;title\u0007 the\ttest\nnow';

  it('in a pipe is rows with tabs: no colour, whole ids, ISO times, and hints on stderr only', async () => {
    const task = server.addTask(
      makeTask({ title: hostile, cost: { amount: '0.5', currency: 'USD', basis: 'estimate' } }),
    );
    const { code, stdout, stderr } = await call(['ls']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${task.id}\trunning\tFix the test now\t\t\t\t0.5\t${task.createdAt}\n`);
    expect(stderr).toBe('');
  });

  it('on a screen is a table with colour, short ids and relative times, within the width', async () => {
    const task = server.addTask(makeTask({ title: 'A very long title '.repeat(20) }));
    const { stdout } = await call(['ls'], { isTTY: true, columns: 90 });
    expect(stdout).toContain(escape);
    expect(stdout).toContain(task.id.slice(-6));
    expect(stdout).not.toContain(task.id);
    expect(stdout).toContain(' ago');
    const colour = new RegExp(`${escape.replace('[', '\\[')}\\d+m`, 'g');
    for (const row of stdout.replace(colour, '').split('\n')) expect(row.length).toBeLessThanOrEqual(90);
  });

  it.each<[string, CorchOptions, boolean]>([
    ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['CLICOLOR=0', { isTTY: true, env: { CLICOLOR: '0' } }, false],
    ['FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, true],
    ['NO_COLOR before FORCE_COLOR', { isTTY: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, false],
  ])('honours %s', async (_, options, coloured) => {
    const task = server.addTask(makeTask({ status: 'failed' }));
    expect((await call(['show', task.id], options)).stdout.includes(escape)).toBe(coloured);
  });

  it('takes --no-color anywhere', async () => {
    server.addTask();
    expect((await call(['ls', '--no-color'], { isTTY: true })).stdout).not.toContain(escape);
  });

  it('with --json is one document, also on a screen', async () => {
    const task = server.addTask();
    for (const isTTY of [true, false]) {
      const list = await call(['ls', '--json'], { isTTY });
      expect(JSON.parse(list.stdout)).toMatchObject([{ id: task.id }]);
      expect(JSON.parse((await call(['show', task.id, '--json'], { isTTY })).stdout)).toMatchObject({
        runs: [{ attempt: 1 }],
      });
    }
  });

  it('with --quiet is ids', async () => {
    const task = server.addTask();
    expect((await call(['ls', '-q'])).stdout).toBe(`${task.id}\n`);
    expect((await call(['run', 'x', '-q'])).stdout).toMatch(/^task_\w{26}\n$/);
  });
});

describe('ls', () => {
  it('passes its filters on and says how many there are', async () => {
    for (let n = 0; n < 3; n++) server.addTask();
    const args = ['--status', 'failed,running', '--label', 'a', '--label', 'b=c', '--pool', 'gpu', '--search', 'flaky'];
    const { stdout, stderr } = await call(['ls', ...args, '--since', '2026-01-01T00:00:00Z', '--limit', '2']);
    expect(Object.fromEntries(server.received[0]?.query ?? [])).toEqual({
      status: 'failed,running',
      label: 'a,b=c',
      pool: 'gpu',
      q: 'flaky',
      createdAfter: '2026-01-01T00:00:00.000Z',
      limit: '2',
    });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toContain('2 of 3');
  });

  it('reads further pages when more are wanted than one holds', async () => {
    for (let n = 0; n < 230; n++) server.addTask();
    expect((await call(['ls', '-q', '--limit', '220'])).stdout.trim().split('\n')).toHaveLength(220);
  });
});

describe('ids', () => {
  it('may be whole, the end, shortened with its prefix, or that of a run', async () => {
    const task = server.addTask(makeTask({ id: makeId('task', 'abc7k2') }));
    server.addTask();
    for (const id of [task.id, 'abc7k2', 'ABC7K2', 'task_…7k2', task.currentRunId]) {
      expect(JSON.parse((await call(['show', id, '--json'])).stdout)).toMatchObject({ id: task.id });
    }
  });

  it('that mean several tasks name them', async () => {
    const tasks = ['a7k2', 'b7k2'].map((tail) => server.addTask(makeTask({ id: makeId('task', tail) })));
    const { code, stderr } = await call(['show', '7k2']);
    expect(code).toBe(exitCodes.invalid);
    for (const { id } of tasks) expect(stderr).toContain(id);
  });

  it('that mean none, or are too short, say so', async () => {
    expect(await call(['show', 'zzz9'])).toMatchObject({ code: exitCodes.notFound });
    expect(await call(['show', '7k'])).toMatchObject({ code: exitCodes.usage });
  });
});

describe('exit codes', () => {
  it.each([
    ['unauthenticated', exitCodes.auth],
    ['forbidden', exitCodes.auth],
    ['task_not_found', exitCodes.notFound],
    ['validation_failed', exitCodes.invalid],
    ['idempotency_in_flight', exitCodes.invalid],
    ['rate_limited', exitCodes.rateLimited],
    ['unavailable', exitCodes.unreachable],
    ['internal', exitCodes.failed],
  ] as const)('tell %s', async (code, expected) => {
    server.handlers['listTasks'] = () => problem(code);
    const ended = await call(['ls']);
    expect(ended.code).toBe(expected);
    expect(ended.stderr).toContain('req_test');
    expect(ended.stdout).toBe('');
  });

  it('name the field that the orchestrator refuses', async () => {
    server.handlers['submitTask'] = () =>
      problem('validation_failed', { errors: [{ pointer: '/pool', code: 'x', message: 'is too long' }] });
    expect((await call(['run', 'x'])).stderr).toContain('(pool: is too long)');
  });

  it('name each field that is refused, also for the same reason', async () => {
    const errors = ['/model', '/pool'].map((pointer) => ({ pointer, code: 'x', message: 'is too long' }));
    server.handlers['submitTask'] = () =>
      problem('validation_failed', { detail: '`model` is too long (and 1 more).', errors });
    expect((await call(['run', 'x'])).stderr).toContain('`model` is too long (and 1 more) (pool: is too long)');
  });

  it('tell that nobody answers, and where the address came from', async () => {
    const ended = await corch(['ls'], { env: { CORCH_SERVER: 'http://127.0.0.1:1' } });
    expect(ended.code).toBe(exitCodes.unreachable);
    expect(ended.stderr).toMatch(/127\.0\.0\.1:1.*CORCH_SERVER/);
  });

  it('tell that what answers is another version', async () => {
    server.handlers['listTasks'] = () => ({ body: { data: 'nonsense' } });
    const ended = await call(['ls']);
    expect(ended.code).toBe(exitCodes.failed);
    expect(ended.stderr).toMatch(/does not fit this version/);
  });

  it('say where to get a key when none is known', async () => {
    server.handlers['listTasks'] = () => problem('unauthenticated');
    const ended = await corch(['ls', '--server', server.url]);
    expect(ended.code).toBe(exitCodes.auth);
    expect(ended.stderr).toContain('CORCH_TOKEN');
  });

  it.each([
    [['nonsense']],
    [['ls', '--nonsense']],
    [['show']],
    [['worker']],
    [['task']],
    [['admin']],
    [['ls', '--limit', 'x']],
    [['ls', '--', 'x']],
  ])('call %j a usage error', async (args) => {
    const ended = await call(args);
    expect(ended.code).toBe(exitCodes.usage);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).not.toBe('');
  });

  it.each([
    [['up', '--data', '']],
    [['up', '--allow', '']],
    [['worker', 'start', '--dir', '']],
    [['worker', 'start', '--allow', '']],
  ])('do not take the empty path of %j for this folder', async (args) => {
    const ended = await call(args);
    expect(ended.code).toBe(exitCodes.usage);
    expect(ended.stderr).toContain('Name a path');
  });

  it.each([[[]], [['--help']], [['run', '--help']], [['worker', 'start', '--help']], [['--version']]])(
    'call %j fine',
    async (args) => {
      const ended = await call(args);
      expect(ended.code).toBe(exitCodes.ok);
      expect(ended.stdout).not.toBe('');
      expect(ended.stderr).toBe('');
    },
  );
});

describe('what destroys', () => {
  it('needs -y where nobody can be asked', async () => {
    const task = server.addTask(makeTask({ status: 'succeeded' }));
    const refused = await call(['rm', task.id]);
    expect(refused.code).toBe(exitCodes.needsInput);
    expect(server.tasks).toHaveLength(1);
    expect(await call(['rm', task.id, '-y'])).toMatchObject({ code: exitCodes.ok, stdout: `${task.id}\n` });
    expect(server.tasks).toHaveLength(0);
  });

  it.each([
    ['y', exitCodes.ok, 0],
    ['n', exitCodes.failed, 1],
    ['', exitCodes.failed, 1],
  ])('asks on a screen, and takes %j for an answer', async (answer, code, left) => {
    const task = server.addTask(makeTask({ status: 'succeeded' }));
    const terminal = new FakeTerminal({ isTTY: true });
    const ended = call(['rm', task.id.slice(-6)], { terminal });
    await terminal.says('[y/N]');
    terminal.stdin.write(`${answer}\n`);
    expect((await ended).code).toBe(code);
    expect(terminal.stderr.text).toContain(server.url);
    expect(server.tasks).toHaveLength(left);
  });

  it('revokes a key by its name', async () => {
    server.keys.push({
      ...{ id: makeId('key'), name: 'ci', scope: 'submit', prefix: 'corch_ab', createdAt: at(0) },
      ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
    });
    expect(await call(['key', 'revoke', 'ci', '-y'])).toMatchObject({ code: exitCodes.ok });
    expect(server.received.at(-1)).toMatchObject({ route: 'revokeKey', params: { keyId: server.keys[0]?.id } });
  });
});

describe('logs and diff', () => {
  const patch = 'diff --git a/x.js b/x.js\n--- a/x.js\n+++ b/x.js\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n';

  it('print the stored transcript, as lines or as JSON lines, page by page', async () => {
    const events = makeEvents(
      ...Array.from({ length: 1500 }, (_, n) => ({ type: 'text' as const, text: `line ${n + 1}` })),
    );
    const task = server.addTask(makeTask({ status: 'succeeded' }), events);
    const { stdout } = await call(['logs', task.id]);
    expect(stdout.trim().split('\n')).toEqual(events.map((_, n) => `line ${n + 1}`));
    const json = (await call(['logs', '--json'])).stdout.trim().split('\n');
    expect(json.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(events.map(({ seq }) => seq));
  });

  it('print the patch byte for byte in a pipe, in colour on a screen, and its numbers with --stat', async () => {
    const task = server.addTask(makeTask({ status: 'succeeded' }));
    server.patches.set(task.currentRunId, patch);
    expect((await call(['diff', task.id])).stdout).toBe(patch);
    expect((await call(['diff', task.id], { isTTY: true })).stdout).toContain(`${escape}32m+c`);
    expect((await call(['diff', task.id, '--stat'])).stdout).toBe('x.js\t1\t1\n');
  });

  it('say why there is no patch', async () => {
    const ended = await call(['diff', server.addTask().id]);
    expect(ended.code).toBe(exitCodes.notFound);
    expect(ended.stderr).toMatch(/is running; its change is kept when it ends/);
  });

  it('find an earlier run, and say when there is none', async () => {
    const task = server.addTask(makeTask({ status: 'succeeded' }));
    const first = makeRun({ taskId: task.id, status: 'failed' });
    server.setTask({ ...task, currentRun: { ...task.currentRun, attempt: 2 } });
    server.earlierRuns.set(task.id, [first]);
    server.events.set(first.id, makeEvents({ type: 'text', text: 'the first try' }));
    expect((await call(['logs', task.id, '--run', '1'])).stdout).toBe('the first try\n');
    expect((await call(['logs', task.id, '--run', '9'])).code).toBe(exitCodes.notFound);
  });
});

describe('the rest', () => {
  it('shows a task with all its runs', async () => {
    const task = server.addTask(
      makeTask({
        status: 'failed',
        reason: 'max_turns',
        reasonText: 'All turns are used.',
        hint: 'Allow more.',
        endedAt: at(61),
      }),
    );
    const { stdout } = await call(['show', task.id]);
    for (const words of [
      `id\t${task.id}`,
      'reason\tAll turns are used.',
      'next\tAllow more.',
      'backoff\texponential, 10 s to 5 min',
      `run 1\t${task.currentRunId}`,
    ]) {
      expect(stdout).toContain(words);
    }
  });

  it('shows whose session a run goes on with, and until when a parked one waits', async () => {
    const task = server.addTask(makeTask({ status: 'waiting', reason: 'usage_limit' }));
    const first = makeRun({ taskId: task.id, status: 'failed' });
    server.earlierRuns.set(task.id, [first]);
    server.setTask({
      ...task,
      currentRun: { ...task.currentRun, attempt: 2, continuesRunId: first.id, readyAt: at(99) },
    });
    const { stdout } = await call(['show', task.id]);
    expect(stdout).toContain(`goes on\t${at(99)}`);
    expect(stdout).toMatch(/run 2\t.* · goes on where run 1 stopped/);
  });

  it('cancels, and refuses to cancel what is over', async () => {
    const task = server.addTask();
    expect(await call(['cancel', task.id])).toMatchObject({ code: exitCodes.ok, stdout: `${task.id}\tcancelling\n` });
    server.setTask({ ...task, status: 'succeeded' });
    expect((await call(['cancel', task.id])).code).toBe(exitCodes.invalid);
  });

  it('creates a key and prints nothing but it', async () => {
    server.handlers['createKey'] = ({ body }) => ({
      status: 201,
      body: {
        ...{ ...(body as object), id: makeId('key'), prefix: 'corch_ab', key: 'corch_abcdef', createdAt: at(0) },
        ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
      },
    });
    expect((await call(['key', 'create', 'ci', '--scope', 'read'])).stdout).toBe('corch_abcdef\n');
    expect(server.received[0]?.body).toEqual({ name: 'ci', scope: 'read' });
  });

  it('prints a sign-in link', async () => {
    expect((await call(['open'])).stdout).toBe(`${server.url}/sign-in#link=corch_link_x\n`);
  });

  it('tells the versions', async () => {
    expect(JSON.parse((await call(['version', '--json'])).stdout)).toMatchObject({
      server: { version: '0.1.0', protocol: 1 },
    });
    const alone = await corch(['version'], { env: { CORCH_SERVER: 'http://127.0.0.1:1' } });
    expect(alone).toMatchObject({ code: exitCodes.ok, stdout: expect.stringMatching(/^corch \d/) });
  });
});
