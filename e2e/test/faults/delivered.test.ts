// A finished run is delivered, once, whatever happened to the line, the orchestrator or the worker meanwhile.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClaimedRun, FinishRun, TaskDetail } from '@corch/contract';
import { createClient } from '@corch/contract/client';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import type { HalfOpenProxy } from '../../src/half-open-proxy.js';
import type { Program } from '../../src/program.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
let proxy: HalfOpenProxy;
let folder: string;
let worker: Program;
const startWorker = () =>
  stack.startWorker({
    folder,
    url: proxy.url,
    args: ['--name', 'patient', '--label', 'patient', '--lost-after', '60'],
  });
beforeAll(async () => {
  stack = await startFaultStack('delivered', { workers: 0 });
  proxy = await stack.openProxy();
  folder = join(stack.folder, 'patient');
  worker = await startWorker();
});
afterAll(() => stack.finish());

const submit = (script: string) =>
  stack.submit({ executor: 'command', command: ['sh', '-c', script], requirements: ['patient'] });
const fileOf = (task: TaskDetail, name: string) => join(folder, 'runs', task.currentRunId, name);
const isCompleted = (task: TaskDetail) => () => existsSync(fileOf(task, 'completion.json'));
const output = async (task: TaskDetail) =>
  (await stack.events(task.currentRunId)).flatMap((event) => (event.type === 'output' ? event.text : [])).join('');

async function killOrchestrator(): Promise<void> {
  stack.orchestrator.kill('SIGKILL');
  await stack.orchestrator.ended;
}

describe('a run that ends while the orchestrator is away (F1)', () => {
  it('is delivered when it is back', async () => {
    const task = await submit('echo before; sleep 1; echo after');
    await stack.said(task.currentRunId, 'before');
    await killOrchestrator();
    await waitFor('the end of the run', isCompleted(task));
    const since = performance.now();
    await stack.startOrchestrator();
    const done = await stack.until(task.id);
    stack.recovered(since);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { logIncomplete: false } });
    expect(await output(task)).toBe('before\nafter\n');
  });

  it('is delivered by the next start of the worker, when that was killed too', async () => {
    const task = await submit('echo before; sleep 1; echo after');
    await stack.said(task.currentRunId, 'before');
    await killOrchestrator();
    await waitFor('the end of the run', isCompleted(task));
    worker.kill('SIGKILL');
    await worker.ended;
    await stack.startOrchestrator();
    const since = performance.now();
    worker = await startWorker();
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    stack.recovered(since);
    expect(await output(task)).toBe('before\nafter\n');
  });
});

describe('a finish whose answer is lost (F21)', () => {
  it('is sent again and counts once; another report of the same run is refused', async () => {
    stack.points.holdAt('finish.committed');
    const task = await submit('echo done');
    await stack.points.reached('finish.committed');
    const { runToken } = JSON.parse(readFileSync(fileOf(task, 'claim.json'), 'utf8')) as ClaimedRun;
    const { finish } = JSON.parse(readFileSync(fileOf(task, 'completion.json'), 'utf8')) as { finish: FinishRun };
    const since = performance.now();
    proxy.cut();
    stack.points.release('finish.committed');
    await waitFor('the worker to hear of it', () => !existsSync(fileOf(task, 'claim.json')));
    stack.recovered(since);

    const params = { runId: task.currentRunId };
    const asWorker = createClient({ baseUrl: stack.url, token: runToken });
    const stored = await stack.client.readRun({ params });
    expect(stored).toMatchObject({ status: 'succeeded', exit: { outcome: 'succeeded', code: 0 } });
    expect(await asWorker.finishRun({ params, body: finish })).toEqual(stored);
    const other: FinishRun = {
      ...finish,
      completionId: randomUUID(),
      exit: { outcome: 'command_failed', code: 1, signal: null, message: null },
    };
    await expect(asWorker.finishRun({ params, body: other })).rejects.toMatchObject({
      code: 'run_finished',
      currentStatus: 'succeeded',
    });
    // Beside the note that tells of the refused report.
    expect(await stack.client.readRun({ params })).toEqual({ ...stored, eventCount: stored.eventCount + 1 });
  });

  it('counts once when the orchestrator dies after the commit', async () => {
    stack.points.killAt('finish.committed');
    const task = await submit('echo done');
    await stack.points.reached('finish.committed');
    await stack.orchestrator.ended;
    const since = performance.now();
    await stack.startOrchestrator();
    await waitFor('the worker to hear of it', () => !existsSync(fileOf(task, 'claim.json')));
    stack.recovered(since);
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
  });

  it.each([
    [0, 'succeeded'],
    [3, 'failed'],
  ] as const)('is known to the next start of a worker that died as the command ended with %i', async (code, status) => {
    stack.points.killAt('command.ended');
    const ran = join(stack.folder, `ran-${code}`);
    const task = await submit(`printf x >> ${ran}; echo out; exit ${code}`);
    await worker.ended;
    const since = performance.now();
    worker = await startWorker();
    expect(await stack.until(task.id)).toMatchObject({ status, runCount: 1, currentRun: { exit: { code } } });
    stack.recovered(since);
    expect([readFileSync(ran, 'utf8'), await output(task)]).toEqual(['x', 'out\n']);
  });

  it('is sent by the next start of a worker that died before it could send', async () => {
    stack.points.killAt('completion.saved');
    const task = await submit('echo done');
    await worker.ended;
    const since = performance.now();
    worker = await startWorker();
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    stack.recovered(since);
    expect(await output(task)).toBe('done\n');
  });
});

describe('lines whose answer is lost', () => {
  it('are stored once', async () => {
    stack.points.killAt('events.stored');
    const task = await submit('for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done');
    await stack.points.reached('events.stored');
    await stack.orchestrator.ended;
    await stack.startOrchestrator();
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', currentRun: { logIncomplete: false } });
    expect(await output(task)).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');
  });
});

describe('a connection that is dead and does not look it (F24)', () => {
  it.each(['up', 'down'] as const)('is noticed (%s), and the run goes on where it is', async (direction) => {
    const task = await submit('echo before; sleep 4; echo after');
    await stack.said(task.currentRunId, 'before');
    proxy.blackHole(direction);
    await waitFor('the silence to be shown', async () => {
      const { reason } = await stack.client.readTask({ params: { taskId: task.id } });
      return reason === 'worker_unreachable';
    });
    await waitFor('the worker to be shown offline', async () => {
      const { data } = await stack.client.listWorkers();
      return data.every(({ state }) => state === 'offline');
    });
    const since = performance.now();
    proxy.pass();
    await waitFor('the worker to be heard', async () => {
      const { reason } = await stack.client.readTask({ params: { taskId: task.id } });
      return reason !== 'worker_unreachable';
    });
    stack.recovered(since);
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { leaseEpoch: 1 } });
    expect(await output(task)).toBe('before\nafter\n');
  });
});
