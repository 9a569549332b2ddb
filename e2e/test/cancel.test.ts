import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive, processesWith } from '../src/processes.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  folder = join(stack.folder, 'the-worker');
  await stack.startWorker({ folder });
});
afterAll(() => stack.stop());

const cancel = (taskId: string) => stack.client.cancelTask({ params: { taskId } });
const find = (name: string) =>
  (readdirSync(join(folder, 'workspaces'), { recursive: true }) as string[])
    .filter((path) => path.endsWith(`/${name}`))
    .map((path) => join(folder, 'workspaces', path))[0];

describe('cancel', () => {
  it('ends a task that waits at once', async () => {
    const task = await stack.submit({ prompt: 'x', pool: 'default', requirements: ['nobody-has-this'] });
    expect(task.status).toBe('queued');
    expect(await cancel(task.id)).toMatchObject({ status: 'cancelled', reason: 'user' });
    expect((await stack.until(task.id)).currentRun).toMatchObject({ leaseEpoch: 0, workerId: null });
  });

  it('stops a streaming run within 10 s and keeps what there is', async () => {
    const task = await stack.submit({
      prompt: 'Slowly [[scenario:slow]]',
      repository: { path: stack.repository('slow') },
    });
    await waitFor('the session to begin', async () =>
      (await stack.events(task.currentRunId)).some((event) => event.type === 'session'),
    );
    expect(await cancel(task.id)).toMatchObject({ status: 'running', reason: 'cancelling' });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'cancelled', reason: 'user', currentRun: { confirmed: true } });
    expect((await stack.events(task.currentRunId)).at(-1)).toMatchObject({ type: 'status', status: 'cancelled' });
    await expect(cancel(task.id)).rejects.toMatchObject({ code: 'task_not_cancellable', currentStatus: 'cancelled' });
  });

  it('ends children that started sessions of their own, and proves it', async () => {
    const task = await stack.submit({ prompt: 'Start children [[scenario:background-child]]' });
    const pids = await waitFor('both children', () => {
      const files = ['setsid.pid', 'nohup.pid'].map(find);
      const texts = files.map((file) =>
        file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : '',
      );
      return texts.every((text) => /^\d+$/.test(text)) ? texts.map(Number) : undefined;
    });
    expect(pids.map(isAlive)).toEqual([true, true]);
    await cancel(task.id);
    const done = await stack.until(task.id);
    expect(done.status).toBe('cancelled');
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('ends a command that ignores SIGTERM', async () => {
    const script = 'trap "" TERM; echo ready; while true; do sleep 1; done';
    const task = await stack.submit({ executor: 'command', command: ['sh', '-c', script] });
    await waitFor('the command to say ready', async () =>
      (await stack.events(task.currentRunId)).some((event) => event.type === 'output'),
    );
    await cancel(task.id);
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('leaves no process behind after a run that ended by itself', async () => {
    const script = 'setsid sleep 300 & nohup sleep 300 & exit 0';
    const task = await stack.submit({ executor: 'command', command: ['sh', '-c', script] });
    expect((await stack.until(task.id)).status).toBe('succeeded');
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('reports a child that was killed from outside as nobody’s fault', async () => {
    const task = await stack.submit({
      prompt: 'Slowly [[scenario:slow]]',
      backoff: { type: 'fixed', delayMs: 600_000, maxMs: 600_000 },
    });
    const claude = await waitFor('Claude Code', () =>
      processesWith(task.currentRunId).find(({ command }) => command.includes('--output-format')),
    );
    process.kill(claude.pid, 'SIGKILL');
    await stack.until(task.id, ['scheduled']);
    const { data } = await stack.client.listTaskRuns({ params: { taskId: task.id } });
    expect(data[0]).toMatchObject({
      status: 'failed',
      reason: 'agent_error',
      exit: { outcome: 'agent_killed', signal: 'SIGKILL' },
    });
    await cancel(task.id);
  });
});
