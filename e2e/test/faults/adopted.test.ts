// Runs are adopted, not repeated: a worker that comes back goes on with what it held, one that does not is replaced once.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { isAlive, processesWith } from '../../src/processes.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('adopted', { workers: 0 });
});
afterAll(() => stack.finish());

const startWorker = (
  name: string,
  label: string,
  lostAfterSeconds: number,
  more: { url?: string; concurrency?: number } = {},
) =>
  stack.startWorker({
    folder: join(stack.folder, name),
    ...(more.url === undefined ? {} : { url: more.url }),
    args: [
      ...['--name', name, '--label', label, '--lost-after', String(lostAfterSeconds)],
      ...['--concurrency', String(more.concurrency ?? 1)],
    ],
  });
const atOnce = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;
const read = (task: TaskDetail) => stack.client.readTask({ params: { taskId: task.id } });
const runsOf = async (task: TaskDetail) => (await stack.client.listTaskRuns({ params: { taskId: task.id } })).data;
const sessionsOf = async (runId: string) =>
  (await stack.events(runId)).flatMap((event) => (event.type === 'session' ? event.sessionId : []));

describe('a worker that is killed in the middle of a turn (F23)', () => {
  it('goes on with the same run, workspace and session, and ends what it had left', async () => {
    const worker = await startWorker('back', 'f23', 60);
    const repository = { path: stack.repository('back') };
    const task = await stack.submit({ prompt: 'Go [[scenario:wait-for-go]]', repository, requirements: ['f23'] });
    await stack.said(task.currentRunId, 'Now I wait.');
    await waitFor('the tool to run', () =>
      processesWith(task.currentRunId).some(({ command }) => /until \[/.test(command)),
    );
    const left = processesWith(task.currentRunId).map(({ pid }) => pid);
    worker.kill('SIGKILL');
    await worker.ended;
    const since = performance.now();
    await startWorker('back', 'f23', 60);
    expect(left.filter(isAlive)).toEqual([]);
    await waitFor('the next turn', async () => (await sessionsOf(task.currentRunId)).length > 1);
    stack.recovered(since);
    expect(new Set(await sessionsOf(task.currentRunId)).size).toBe(1);
    const done = await stack.until(task.id);
    expect(done).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1, logIncomplete: false },
    });
    const patch = Buffer.from(await stack.client.readPatch({ params: { runId: task.currentRunId } })).toString();
    expect(patch).toContain('+first');
    // What the first child had done is not done again.
    const events = await stack.events(task.currentRunId);
    const firsts = events.filter(
      (event) => event.type === 'tool_use' && JSON.stringify(event.input).includes('first.txt'),
    );
    expect(firsts).toHaveLength(1);
  });

  it('finds a result that was said while it was dead, and does not ask again', async () => {
    const worker = await startWorker('late', 'result', 60);
    stack.points.killAt('result.seen');
    const task = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', requirements: ['result'] });
    await worker.ended;
    const since = performance.now();
    await startWorker('late', 'result', 60);
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    stack.recovered(since);
    expect(await sessionsOf(task.currentRunId)).toHaveLength(1);
  });

  it('goes on when it died the moment its child was there', async () => {
    const worker = await startWorker('early', 'spawned', 60);
    stack.points.killAt('run.spawned');
    const task = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', requirements: ['spawned'] });
    await worker.ended;
    await startWorker('early', 'spawned', 60);
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
  });
});

describe('five runs cut off from the orchestrator (F2)', () => {
  const count = 5;
  const go = (label: string) => join(stack.folder, `go-${label}`);
  /** How often the command of each task came to its end. */
  const executed = (label: string) =>
    Array.from({ length: count }, (_, n) => {
      const file = join(stack.folder, `executed-${label}-${n}`);
      return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
    });

  /** Commands that wait for a file and then leave a letter in one of their own. */
  async function submit(label: string): Promise<TaskDetail[]> {
    const submits = Array.from({ length: count }, (_, n) => {
      const wait = `echo begun; until [ -e ${go(label)} ]; do sleep 0.2; done`;
      const command = ['sh', '-c', `${wait}; printf x >> ${join(stack.folder, `executed-${label}-${n}`)}`];
      return stack.submit({ executor: 'command', command, requirements: [label], backoff: atOnce });
    });
    const tasks = await Promise.all(submits);
    await Promise.all(tasks.map((task) => stack.said(task.currentRunId, 'begun')));
    return tasks;
  }

  it('go on where they are when the worker may be away that long, and no attempt is burnt', async () => {
    const proxy = await stack.openProxy();
    await startWorker('laptop', 'laptop', 60, { url: proxy.url, concurrency: count });
    const tasks = await submit('laptop');
    proxy.blackHole();
    for (const task of tasks) {
      await waitFor('the silence', async () => (await read(task)).reason === 'worker_unreachable');
    }
    const since = performance.now();
    proxy.pass();
    for (const task of tasks) {
      await waitFor('the worker', async () => (await read(task)).reason !== 'worker_unreachable');
    }
    stack.recovered(since);
    writeFileSync(go('laptop'), '');
    for (const task of tasks) {
      expect(await stack.until(task.id)).toMatchObject({
        status: 'succeeded',
        runCount: 1,
        currentRun: { leaseEpoch: 1 },
      });
    }
    expect(executed('laptop')).toEqual(Array(count).fill(1));
  });

  it('are taken over once when it may not, and the first worker ends its own', async () => {
    const proxy = await stack.openProxy();
    await startWorker('far', 'server', 2, { url: proxy.url, concurrency: count });
    const tasks = await submit('server');
    await startWorker('near', 'server', 60, { concurrency: count });
    proxy.blackHole();
    const since = performance.now();
    for (const task of tasks) {
      await waitFor('the takeover', async () => {
        const { status, workerName } = await read(task);
        return status === 'running' && workerName === 'near';
      });
    }
    stack.recovered(since);
    proxy.pass();
    for (const task of tasks) {
      await waitFor('the first child to be ended', () => processesWith(task.currentRunId).length === 0);
    }
    writeFileSync(go('server'), '');
    for (const task of tasks) {
      expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 2, workerName: 'near' });
    }
    expect(executed('server')).toEqual(Array(count).fill(1));
  });
});

describe('a run that kills its worker each time (F37)', () => {
  it('stops after two losses, and the runs beside it are unharmed', async () => {
    const poison = await stack.submit({
      executor: 'command',
      command: ['sleep', '300'],
      requirements: ['poison'],
      backoff: atOnce,
      retries: 5,
    });
    for (const name of ['first', 'second']) {
      stack.points.killAt('run.spawned');
      const victim = await startWorker(name, 'poison', 2);
      await victim.ended;
      const { currentRunId } = await read(poison);
      await waitFor('the loss', async () => {
        const run = await stack.client.readRun({ params: { runId: currentRunId } });
        return run.status === 'failed' && run.reason === 'worker_lost';
      });
    }
    expect(await read(poison)).toMatchObject({ status: 'failed', reason: 'worker_lost', runCount: 2 });
    const beside = await stack.submit({ executor: 'command', command: ['true'], requirements: ['poison'] });
    for (const name of ['first', 'second']) await startWorker(name, 'poison', 2);
    expect(await stack.until(beside.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    for (const { id } of await runsOf(poison)) {
      await waitFor('the leftovers to be ended', () => processesWith(id).length === 0);
    }
    expect(await read(poison)).toMatchObject({ status: 'failed', runCount: 2 });
  });

  it('stops after two deaths although the worker is back at once each time', async () => {
    const task = await stack.submit({ prompt: 'Slowly [[scenario:slow]]', requirements: ['loop'], backoff: atOnce });
    for (let n = 1; n <= 2; n++) {
      stack.points.killAt('run.spawned');
      // The second time it may die before it is ready.
      await startWorker('loop', 'loop', 60).catch(() => undefined);
      await stack.workers.at(-1)?.ended;
    }
    await startWorker('loop', 'loop', 60);
    expect(await stack.until(task.id)).toMatchObject({
      status: 'failed',
      reason: 'worker_lost',
      runCount: 1,
      currentRun: { exit: { outcome: 'worker_killed' } },
    });
    const beside = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', requirements: ['loop'] });
    expect(await stack.until(beside.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
  });
});
