import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processesWith } from '../src/processes.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  // A worker that hears nothing for so long ends its children itself, and a slow machine takes seconds to restart.
  stack = await startStack({ workers: 0, env: { LOST_AFTER_CAP_MS: '60000' } });
  folder = join(stack.folder, 'the-worker');
});
afterAll(() => stack.stop());

const texts = async (runId: string) =>
  (await stack.events(runId)).filter((event) => event.type === 'text' || event.type === 'tool_use');

describe('a restart of everything', () => {
  it('goes on with the same run in the same Claude session', async () => {
    const worker = await stack.startWorker({ folder });
    const task = await stack.submit({
      prompt: 'Slowly [[scenario:slow]]',
      repository: { path: stack.repository('restart') },
    });
    await waitFor('the first step', async () => (await texts(task.currentRunId)).length >= 2);
    const before = await stack.client.readTask({ params: { taskId: task.id } });

    await Promise.all([worker.stop(), stack.orchestrator.stop()]);
    await stack.startOrchestrator();
    expect(await stack.client.readTask({ params: { taskId: task.id } })).toMatchObject({ status: 'running' });
    await stack.startWorker({ folder });

    await waitFor('the next turn', async () => {
      const sessions = (await stack.events(task.currentRunId)).filter((event) => event.type === 'session');
      return sessions.length >= 2;
    });
    const sessions = (await stack.events(task.currentRunId)).filter((event) => event.type === 'session');
    expect(new Set(sessions.map((event) => event.sessionId))).toEqual(new Set([before.currentRun.sessionId]));
    const now = await stack.client.readTask({ params: { taskId: task.id } });
    expect(now).toMatchObject({ status: 'running', runCount: 1, currentRunId: task.currentRunId });
    expect(now.currentRun.leaseEpoch).toBe(before.currentRun.leaseEpoch);
    const stored = await stack.events(task.currentRunId);
    expect(stored.map((event) => event.seq)).toEqual(stored.map((_, index) => index + 1));

    await stack.client.cancelTask({ params: { taskId: task.id } });
    await stack.until(task.id, ['cancelled']);
  });

  it('keeps what waits, and what has ended', async () => {
    const waiting = await stack.submit({ prompt: 'later', requirements: ['nobody-has-this'] });
    const ended = await stack.submit({ executor: 'command', command: ['echo', 'kept'] });
    await stack.until(ended.id);
    const before = await stack.events(ended.currentRunId);
    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    expect(await stack.events(ended.currentRunId)).toEqual(before);
    expect((await stack.client.readTask({ params: { taskId: waiting.id } })).status).toBe('queued');
  });
});

describe('an orchestrator that is killed', () => {
  it('loses nothing of a run that ends meanwhile', async () => {
    const task = await stack.submit({
      executor: 'command',
      command: ['sh', '-c', 'for i in 1 2 3 4 5 6; do echo line $i; sleep 0.5; done'],
    });
    await waitFor('the first line', async () =>
      (await stack.events(task.currentRunId)).some((event) => event.type === 'output'),
    );
    stack.orchestrator.kill('SIGKILL');
    await stack.orchestrator.ended;
    await stack.startOrchestrator();
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1 });
    const output = (await stack.events(task.currentRunId)).filter((event) => event.type === 'output');
    expect(output.map((event) => event.text).join('')).toBe([1, 2, 3, 4, 5, 6].map((n) => `line ${n}\n`).join(''));
    expect(done.currentRun.logIncomplete).toBe(false);
  });
});

describe('a worker that is gone', () => {
  it('loses its run to another one after the time it declared, and ends what it left when it returns', async () => {
    const gone = {
      folder: join(stack.folder, 'gone'),
      args: ['--name', 'gone', '--label', 'pair', '--lost-after', '2'],
    };
    const lost = await stack.startWorker(gone);
    const task = await stack.submit({
      prompt: 'Slowly [[scenario:slow]]',
      requirements: ['pair'],
      backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
    });
    // Before the session began the claim might not have been acknowledged, and the run would simply be back in line.
    await waitFor('the session', async () => (await texts(task.currentRunId)).length > 0);
    lost.kill('SIGKILL');
    await waitFor('the computed reason', async () => {
      const { reason } = await stack.client.readTask({ params: { taskId: task.id } });
      return reason === 'worker_unreachable';
    });
    await stack.startWorker({ args: ['--name', 'successor', '--label', 'pair'] });
    await waitFor('the next run', async () => {
      const { runCount, status } = await stack.client.readTask({ params: { taskId: task.id } });
      return runCount === 2 && status === 'running';
    });
    const { data } = await stack.client.listTaskRuns({ params: { taskId: task.id } });
    expect(data[0]).toMatchObject({ status: 'failed', reason: 'worker_lost', workerName: 'gone' });
    expect(data[1]).toMatchObject({ workerName: 'successor', trigger: 'automatic' });

    await stack.startWorker(gone);
    await waitFor('the sweep', () => processesWith(task.currentRunId).length === 0);
    expect((await stack.client.readRun({ params: { runId: task.currentRunId } })).status).toBe('failed');
    await stack.client.cancelTask({ params: { taskId: task.id } });
    await stack.until(task.id, ['cancelled']);
  });
});
