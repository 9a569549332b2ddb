import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskDetail, TaskExplanation } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { FakeTerminal } from '../testing/fake-terminal.js';
import { makeId, makeRun, makeTask } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });

/** A queued task, and what the orchestrator says about its wait. */
function explain(given: Partial<TaskExplanation>): TaskDetail {
  const task = server.addTask(makeTask({ status: 'queued' }));
  const nothing = { reason: null, reasonText: null, hint: null, ahead: null, workers: [] };
  const found = { taskId: task.id, runId: task.currentRunId, status: 'queued' as const, ...nothing, ...given };
  server.handlers['explainTask'] = () => ({ body: found });
  return task;
}

const worker = (name: string, obstacle: string | null) => ({ id: makeId('worker'), name, online: true, obstacle });

describe('task why', () => {
  it('names the reason, the next step, the place in line, and what keeps each worker', async () => {
    const task = explain({
      reason: 'workers_busy',
      reasonText: 'The worker studio is busy; 3 ahead of it.',
      hint: 'See `corch worker ls`.',
      ahead: 3,
      workers: [worker('studio', 'is busy with 4 of 4 runs'), worker('attic', null)],
    });
    const { code, stdout, stderr } = await call(['task', 'why', task.id.slice(-6)]);
    expect(code).toBe(exitCodes.ok);
    expect(stdout.split('\n')).toEqual([
      `id\t${task.id}`,
      'status\t○ queued',
      'reason\tThe worker studio is busy; 3 ahead of it.',
      'next\tSee `corch worker ls`.',
      'in line\t3 runs of its pool go first',
      'worker\tstudio: is busy with 4 of 4 runs',
      'worker\tattic: could take it',
      '',
    ]);
    expect(stderr).toContain('corch worker ls');
  });

  it('is one document with --json, and has a short form', async () => {
    const task = explain({ reason: 'no_worker', reasonText: 'No online worker.', ahead: 0 });
    const json = (await call(['why', task.id, '--json'])).stdout;
    expect(JSON.parse(json)).toMatchObject({ taskId: task.id, reason: 'no_worker', ahead: 0 });
  });

  it('says when a run is told its worker is away how to take it from there', async () => {
    const task = explain({
      status: 'running',
      reason: 'worker_unreachable',
      reasonText: 'Not heard from since its lease ended 40 s ago.',
    });
    const { stdout, stderr } = await call(['why', task.id]);
    expect(stdout).not.toContain('in line');
    expect(stderr).toContain(`corch task release ${task.id.slice(-6)}`);
  });

  it('says that nothing holds up what works', async () => {
    expect((await call(['why', explain({ status: 'running' }).id])).stderr).toContain('Nothing holds it up.');
  });

  it('on a screen tells times as they are there', async () => {
    const now = new Date().toISOString();
    const text = `The plan limit is reached; it goes on at ${now}.`;
    const task = explain({ status: 'waiting', reason: 'usage_limit', reasonText: text });
    const screen = (await call(['why', task.id, '--no-color'], { isTTY: true })).stdout;
    expect(screen).toMatch(/status +⧖ waiting/);
    expect(screen).toMatch(/it goes on at \d\d:\d\d\./);
    expect((await call(['why', task.id])).stdout).toContain(text);
  });
});

describe('task release', () => {
  const released = (task: TaskDetail, status: TaskDetail['status'] = 'queued') => {
    server.handlers['releaseTask'] = () => ({
      status: 202,
      body: { ...task, status, currentRun: makeRun({ id: task.currentRunId, taskId: task.id, status }) },
    });
  };
  const bodies = () => server.received.filter(({ route }) => route === 'releaseTask').map(({ body }) => body);

  it('needs -y where nobody can be asked, then says what follows', async () => {
    const task = server.addTask();
    released(task);
    const refused = await call(['task', 'release', task.id]);
    expect(refused.code).toBe(exitCodes.needsInput);
    expect(refused.stderr).toMatch(/bench-1 \(up to one turn is repeated elsewhere\)/);
    expect(bodies()).toEqual([]);
    const { code, stdout, stderr } = await call(['task', 'release', task.id, '-y']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${task.id}\tqueued\n`);
    expect(stderr).toMatch(/from its last checkpoint.*bench-1.*late/);
    expect(bodies()).toEqual([{ force: false }]);
  });

  it('asks on a screen, and takes no for an answer', async () => {
    const task = server.addTask();
    released(task);
    const terminal = new FakeTerminal({ isTTY: true });
    const ended = call(['task', 'release', task.id, '--force'], { terminal });
    await terminal.says('[y/N]');
    terminal.stdin.write('n\n');
    expect((await ended).code).toBe(exitCodes.failed);
    expect(bodies()).toEqual([]);
  });

  it('tells that the worker answers, and what --force does', async () => {
    const task = server.addTask();
    server.handlers['releaseTask'] = () =>
      problem('worker_answers', { detail: 'The worker bench-1 answers and works on it.' });
    const refused = await call(['task', 'release', task.id, '-y']);
    expect(refused.code).toBe(exitCodes.invalid);
    expect(refused.stderr).toMatch(/bench-1 answers[^]*--force/);
    released(task);
    expect((await call(['task', 'release', task.id, '--force', '-y'])).code).toBe(exitCodes.ok);
    expect(bodies()).toEqual([{ force: false }, { force: true }]);
  });

  it('of a task that is being cancelled ends it', async () => {
    const task = server.addTask();
    released(task, 'cancelled');
    const { stdout, stderr } = await call(['task', 'release', task.id, '-y']);
    expect(stdout).toBe(`${task.id}\tcancelled\n`);
    expect(stderr).toMatch(/Cancel had been asked for/);
  });

  it('of a task that does not run is refused by the orchestrator, with the next step', async () => {
    const task = server.addTask(makeTask({ status: 'queued' }));
    server.handlers['releaseTask'] = () => problem('task_not_running', { detail: 'The task is queued.' });
    const refused = await call(['task', 'release', task.id, '-y']);
    expect(refused.code).toBe(exitCodes.invalid);
    expect(refused.stderr).toContain('corch task why');
  });
});

describe('admin reconcile', () => {
  const report = { promoted: 0, reaped: 0, announced: 0, mended: [] as string[] };
  const reconcile = (given: Partial<typeof report>, args: string[] = [], isTTY = false) => {
    server.handlers['reconcile'] = () => ({ body: { ...report, ...given } });
    return call(['admin', 'reconcile', ...args], { isTTY });
  };

  it('says in words what was due', async () => {
    const { code, stdout } = await reconcile({ promoted: 1, reaped: 2, announced: 14 }, [], true);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toMatch(/^1 scheduled or parked run went.*\n2 runs went back.*\n.*14 runs in line/);
    expect((await reconcile({}, [], true)).stdout).toMatch(/No scheduled.*\nNo run.*\nNothing stands in line/);
  });

  it('in a pipe is rows, and with --json the report', async () => {
    expect((await reconcile({ reaped: 2 })).stdout).toBe('promoted\t0\nreaped\t2\nannounced\t0\nmended\t\n');
    expect(JSON.parse((await reconcile({ reaped: 2 }, ['--json'])).stdout)).toEqual({ ...report, reaped: 2 });
  });

  it('calls tasks that had to be mended a bug, and still ends with 0', async () => {
    const id = makeId('task');
    const { code, stderr } = await reconcile({ mended: [id] });
    expect(code).toBe(exitCodes.ok);
    expect(stderr).toMatch(new RegExp(`${id}[^]*bug[^]*report`));
  });
});
