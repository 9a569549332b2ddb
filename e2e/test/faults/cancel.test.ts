// Cancel is final and fast: from every state, whoever dies or is silent meanwhile, and whatever the child does against it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubmitTask, TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { isAlive, processesWith } from '../../src/processes.js';
import type { Program } from '../../src/program.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
let worker: Program;
const startWorker = () => stack.startWorker({ folder: join(stack.folder, 'w'), args: ['--name', 'w', '--label', 'w'] });
beforeAll(async () => {
  stack = await startFaultStack('cancel', { workers: 0 });
  worker = await startWorker();
});
afterAll(() => stack.finish());

const submit = (script: string, task: Partial<SubmitTask> = {}) =>
  stack.submit({ executor: 'command', command: ['sh', '-c', script], requirements: ['w'], ...task });
const sleepy = 'echo begun; sleep 300';

/** Cancels and gives the task at its end; the children would sleep for longer than anybody here waits. */
async function cancelled(task: TaskDetail): Promise<TaskDetail> {
  await stack.client.cancelTask({ params: { taskId: task.id } });
  const done = await stack.until(task.id);
  expect(done.status).toBe('cancelled');
  expect(processesWith(task.currentRunId)).toEqual([]);
  return done;
}

describe('cancel in every state (F19)', () => {
  it('scheduled and queued: at once', async () => {
    const later = await submit('true', { startAt: new Date(Date.now() + 3_600_000).toISOString() });
    const waiting = await submit('true', { requirements: ['nobody-has-this'] });
    expect([later.status, waiting.status]).toEqual(['scheduled', 'queued']);
    for (const task of [later, waiting]) expect((await cancelled(task)).currentRun.confirmed).toBe(true);
  });

  it('claimed, before the worker knows: it hears of it with its first lines', async () => {
    stack.points.holdAt('claim.committed');
    const task = await submit(sleepy);
    await stack.points.reached('claim.committed');
    await stack.client.cancelTask({ params: { taskId: task.id } });
    stack.points.release('claim.committed');
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('spawning: the child is ended as soon as it is there', async () => {
    stack.points.holdAt('run.spawned');
    const task = await submit(sleepy);
    await stack.points.reached('run.spawned');
    await stack.client.cancelTask({ params: { taskId: task.id } });
    stack.points.release('run.spawned');
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('running: what Claude changed so far is kept', async () => {
    const task = await stack.submit({
      prompt: 'Write, then think [[scenario:edit-then-hang]]',
      repository: { path: stack.repository('partial') },
      requirements: ['w'],
    });
    await waitFor('the edit', async () =>
      (await stack.events(task.currentRunId)).some((event) => event.type === 'tool_result'),
    );
    expect(await cancelled(task)).toMatchObject({
      reason: 'user',
      currentRun: { confirmed: true, stat: { files: 1 } },
    });
    const patch = await stack.client.readPatch({ params: { runId: task.currentRunId } });
    expect(Buffer.from(patch).toString()).toContain('+++ b/half.txt');
  });

  it('finishing: the success that came first stands, and never runs again', async () => {
    stack.points.holdAt('completion.saved');
    const task = await submit('echo done');
    await stack.points.reached('completion.saved');
    await stack.client.cancelTask({ params: { taskId: task.id } });
    stack.points.release('completion.saved');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
  });

  it('while the orchestrator dies after it noted the cancel', async () => {
    const task = await submit(sleepy);
    await stack.said(task.currentRunId, 'begun');
    stack.points.killAt('cancel.requested');
    await expect(stack.client.cancelTask({ params: { taskId: task.id } })).rejects.toThrow('no answer');
    await stack.orchestrator.ended;
    const since = performance.now();
    await stack.startOrchestrator();
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    stack.recovered(since);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('while the worker dies: the next start ends what is left', async () => {
    const task = await submit(sleepy);
    await stack.said(task.currentRunId, 'begun');
    worker.kill('SIGKILL');
    await worker.ended;
    await stack.client.cancelTask({ params: { taskId: task.id } });
    const since = performance.now();
    worker = await startWorker();
    const done = await stack.until(task.id);
    stack.recovered(since);
    expect(done.status).toBe('cancelled');
    await waitFor('nothing to be left', () => processesWith(task.currentRunId).length === 0);
  });

  it('while the worker is silent: unconfirmed, and enforced when it is back', async () => {
    const task = await submit(sleepy);
    await stack.said(task.currentRunId, 'begun');
    worker.kill('SIGSTOP');
    await stack.client.cancelTask({ params: { taskId: task.id } });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'cancelled', reason: 'unconfirmed', currentRun: { confirmed: false } });
    expect(processesWith(task.currentRunId)).not.toEqual([]);
    const since = performance.now();
    worker.kill('SIGCONT');
    await waitFor('the child to be ended', () => processesWith(task.currentRunId).length === 0);
    stack.recovered(since);
    expect((await stack.until(task.id)).currentRun).toMatchObject({ status: 'cancelled', confirmed: false });
  });
});

describe('a child that will not go (F9)', () => {
  /** Ignores SIGTERM and SIGINT; leaves a grandchild that holds its stdout, and one in a session of its own. */
  const stubborn = (name: string) => {
    const pids = join(stack.folder, `pids-${name}`);
    const escape = `setsid sh -c 'echo $$ >> ${pids}; exec sleep 300' </dev/null >/dev/null 2>&1 &`;
    const holder = `(sh -c 'echo $$ >> ${pids}; exec sleep 300' &)`;
    return {
      pids,
      start: `trap '' TERM INT; ${escape} ${holder}; until [ "$(wc -l < ${pids})" = 2 ]; do sleep 0.05; done; echo begun;`,
    };
  };
  const read = (pids: string) => readFileSync(pids, 'utf8').trim().split('\n').map(Number);

  it('is ended by cancel with everything that it started', async () => {
    const { pids, start } = stubborn('cancel');
    const task = await submit(`${start} while true; do sleep 1; done`);
    await stack.said(task.currentRunId, 'begun');
    expect(read(pids).map(isAlive)).toEqual([true, true]);
    expect((await cancelled(task)).currentRun.confirmed).toBe(true);
    expect(read(pids).map(isAlive)).toEqual([false, false]);
  });

  it('does not hold up a normal end, and leaves nothing', async () => {
    const { pids, start } = stubborn('end');
    const task = await submit(`${start} exit 0`);
    expect((await stack.until(task.id)).status).toBe('succeeded');
    expect(read(pids).map(isAlive)).toEqual([false, false]);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });
});
