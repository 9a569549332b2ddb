import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { makeRun, makeTask } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
  server.handlers['sendMessage'] = ({ params }) => {
    const task = server.tasks.find(({ id }) => id === params['taskId']);
    if (task === undefined) return problem('task_not_found');
    return { status: 202, body: { messageId, runId: task.currentRunId, opened: task.endedAt !== null, task } };
  };
});
afterEach(() => server.stop());

const messageId = 'b9c1f6a0-5a3c-4a53-8f9e-0d7a3a0d8f11';
const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const asked = (route: string) => server.received.filter((one) => one.route === route);
const said = () => asked('sendMessage').map(({ body }) => body);
const finished = () =>
  server.addTask(
    makeTask({ status: 'succeeded', startedAt: '2026-01-01T12:00:01.000Z', endedAt: '2026-01-01T12:01:00.000Z' }),
  );

describe('send', () => {
  it('says words to a run; in a pipe it tells the ids', async () => {
    const task = server.addTask();
    const { code, stdout, stderr } = await call(['send', task.id.slice(-6), 'Use', 'port 8080.']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${task.id}\t${task.currentRunId}\t${messageId}\n`);
    expect(stderr).toContain(`corch watch ${task.id.slice(-6)}`);
    expect(said()).toEqual([{ text: 'Use port 8080.', interrupt: false }]);
    expect((await call(['send', '-q', task.id, 'Again.'])).stdout).toBe(`${messageId}\n`);
  });

  it('says on a screen whether a run hears it or a new one goes on', async () => {
    const [running, ended] = [server.addTask(), finished()];
    expect((await call(['send', running.id, 'Hello'], { isTTY: true })).stdout).toBe('Said to the run.\n');
    expect((await call(['send', ended.id, 'Hello'], { isTTY: true })).stdout).toMatch(/goes on in the same session/);
  });

  it('is one document with --json, the task at its end when that is watched', async () => {
    const ended = finished();
    const sent: unknown = JSON.parse((await call(['send', ended.id, 'More', '--json'])).stdout);
    expect(sent).toMatchObject({ messageId, opened: true, task: { id: ended.id } });
    const watched = await call(['send', ended.id, 'More', '--json', '-w']);
    expect(watched.code).toBe(exitCodes.ok);
    expect(JSON.parse(watched.stdout)).toMatchObject({ id: ended.id, status: 'succeeded' });
  });

  it('stops the turn first, and says nothing twice with the same key', async () => {
    const task = server.addTask();
    await call(['send', '-i', '--idempotency-key', 'k1', task.id, 'Not so.']);
    expect(asked('sendMessage')).toMatchObject([{ body: { text: 'Not so.', interrupt: true }, idempotencyKey: 'k1' }]);
    const { handlers } = server;
    const answer = handlers['sendMessage'];
    handlers['sendMessage'] = async (request) => ({
      ...(await answer?.(request)),
      headers: { 'idempotent-replayed': 'true' },
    });
    expect((await call(['send', '--idempotency-key', 'k1', task.id, 'Not so.'])).stderr).toMatch(/used before/);
  });

  it('takes words from stdin as they are', async () => {
    const task = server.addTask();
    expect((await call(['send', task.id, '-'], { input: 'line one\n\n  line two\n' })).code).toBe(exitCodes.ok);
    expect(said()).toEqual([{ text: 'line one\n\n  line two\n', interrupt: false }]);
    const latin = await call(['send', task.id, '-'], { input: Buffer.from([0x61, 0xe9, 0x62]) });
    expect(latin.code).toBe(exitCodes.invalid);
    expect(latin.stderr).toMatch(/not UTF-8/);
    expect(said()).toHaveLength(1);
  });

  it('refuses nothing to say before anything is asked', async () => {
    const task = server.addTask();
    for (const [words, input] of [
      [[''], ''],
      [[' ', '\n'], ''],
      [['-'], ' \n'],
    ] as const) {
      const { code, stdout, stderr } = await call(['send', task.id, ...words], { input });
      expect([code, stdout]).toEqual([exitCodes.usage, '']);
      expect(stderr).toMatch(/message is empty/);
    }
    expect((await call(['send', task.id])).code).toBe(exitCodes.usage);
    expect((await call(['send', task.id, 'a\ufffdb'])).code).toBe(exitCodes.invalid);
    expect(server.received).toEqual([]);
  });

  it('fails by the exit code of the reason', async () => {
    expect((await call(['send', 'task_01ZZZZZZZZZZZZZZZZZZZZZZZZ', 'Hello'])).code).toBe(exitCodes.notFound);
    const task = server.addTask(makeTask({ executor: 'command' }));
    server.handlers['sendMessage'] = () => problem('no_conversation', { detail: 'This task runs a command.' });
    const refused = await call(['send', task.id, 'Hello']);
    expect(refused.code).toBe(exitCodes.invalid);
    expect(refused.stderr).toMatch(/runs a command[^]*Only tasks that Claude works on/);
  });
});

describe('interrupt', () => {
  it('tells the task, as a row or a document', async () => {
    const task = server.addTask();
    server.handlers['interruptTask'] = () => ({ status: 202, body: task });
    const { code, stdout, stderr } = await call(['interrupt', task.id.slice(-6)]);
    expect([code, stdout]).toEqual([exitCodes.ok, `${task.id}\tinterrupting\n`]);
    expect(stderr).toContain(`corch send ${task.id.slice(-6)}`);
    expect(JSON.parse((await call(['interrupt', task.id, '--json'])).stdout)).toMatchObject({ id: task.id });
  });

  it('of a task that is not running says what it is', async () => {
    const task = finished();
    server.handlers['interruptTask'] = () =>
      problem('task_not_running', { detail: 'The task is succeeded; there is no turn to stop.' });
    const refused = await call(['interrupt', task.id]);
    expect(refused.code).toBe(exitCodes.invalid);
    expect(refused.stderr).toMatch(/is succeeded; there is no turn to stop/);
    expect((await call(['interrupt', 'task_01ZZZZZZZZZZZZZZZZZZZZZZZZ'])).code).not.toBe(exitCodes.ok);
  });
});

describe('fork', () => {
  let copy: TaskDetail;
  beforeEach(() => {
    copy = makeTask({ status: 'queued', startedAt: null });
    server.handlers['forkTask'] = () => ({ status: 202, body: copy });
  });

  it('opens a task from the last run, or from the one that is named', async () => {
    const task = finished();
    const first = makeRun({ taskId: task.id, attempt: 1, status: 'failed' });
    server.earlierRuns.set(task.id, [first]);
    const { code, stdout } = await call(['fork', task.id, 'Try', 'it otherwise.']);
    expect([code, stdout]).toEqual([exitCodes.ok, `${copy.id}\t${copy.url}\n`]);
    await call(['fork', task.id, '--run', '1']);
    expect(asked('forkTask').map(({ body }) => body)).toEqual([{ prompt: 'Try it otherwise.' }, { runId: first.id }]);
    expect(JSON.parse((await call(['fork', task.id, '--json'])).stdout)).toMatchObject({ id: copy.id });
  });

  it('takes the prompt from stdin, and none that is empty', async () => {
    const task = finished();
    await call(['fork', task.id, '-'], { input: 'From a file.\n' });
    expect(asked('forkTask')).toMatchObject([{ body: { prompt: 'From a file.\n' } }]);
    expect((await call(['fork', task.id, ''])).code).toBe(exitCodes.usage);
    expect((await call(['fork', task.id, '-'], { input: '' })).code).toBe(exitCodes.usage);
    expect(asked('forkTask')).toHaveLength(1);
  });

  it('refuses a run that is none', async () => {
    const task = finished();
    for (const run of ['x', '0', '1.5', '']) {
      expect((await call(['fork', task.id, '--run', run])).code).toBe(exitCodes.usage);
    }
    expect((await call(['fork', task.id, '--run', '9'])).code).toBe(exitCodes.notFound);
    server.handlers['forkTask'] = () => problem('nothing_kept');
    expect((await call(['fork', task.id])).code).toBe(exitCodes.invalid);
  });
});

describe('retry --continue', () => {
  const from = () => asked('retryTask').map(({ query }) => query.get('from'));

  it('goes on in the session, and only when it is asked to', async () => {
    const task = finished();
    expect((await call(['retry', '--continue', task.id])).stdout).toBe(`${task.id}\t${task.url}\n`);
    expect((await call(['retry', '-c', task.id, '--json'])).code).toBe(exitCodes.ok);
    expect((await call(['retry', task.id])).code).toBe(exitCodes.ok);
    expect(from()).toEqual(['continue', 'continue', 'fresh']);
  });

  it('tells when the task works, and when nothing is left to go on from', async () => {
    expect((await call(['retry', '-c', server.addTask().id])).code).toBe(exitCodes.invalid);
    const task = finished();
    server.handlers['retryTask'] = () => problem('nothing_kept', { detail: 'No run of the task has begun to work.' });
    const refused = await call(['retry', '-c', task.id]);
    expect(refused.code).toBe(exitCodes.invalid);
    expect(refused.stderr).toMatch(/has begun to work[^]*from the beginning with `corch retry`/);
  });
});
