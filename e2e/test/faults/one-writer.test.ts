// At most one worker writes to a run: one that slept is refused, ends its child and says so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClaimedRun, TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { processesWith } from '../../src/processes.js';
import { RawRun, RawWorker } from '../../src/raw-worker.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('one writer', { workers: 0 });
});
afterAll(() => stack.finish());

const folderOf = (name: string) => join(stack.folder, name);
const startWorker = (name: string, label: string, lostAfterSeconds: number, env: Record<string, string> = {}) =>
  stack.startWorker({
    folder: folderOf(name),
    env,
    args: ['--name', name, '--label', label, '--concurrency', '1', '--lost-after', String(lostAfterSeconds)],
  });
const goFile = (name: string) => join(stack.folder, `go-${name}`);
/** A command that prints until its file is there. */
const submit = (label: string) =>
  stack.submit({
    executor: 'command',
    command: ['sh', '-c', `echo begun; until [ -e ${goFile(label)} ]; do echo tick; sleep 0.1; done; echo done`],
    requirements: [label],
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
  });
const read = (task: TaskDetail) => stack.client.readTask({ params: { taskId: task.id } });
const isUnreachable = (task: TaskDetail) => async () => (await read(task)).reason === 'worker_unreachable';
const isRunningOn = (task: TaskDetail, workerName: string) => async () => {
  const now = await read(task);
  return now.status === 'running' && now.workerName === workerName ? now : undefined;
};
const claimOf = (worker: string, task: TaskDetail) =>
  JSON.parse(readFileSync(join(folderOf(worker), 'runs', task.currentRunId, 'claim.json'), 'utf8')) as ClaimedRun;
const lateLines = async (runId: string) => (await stack.events(runId)).filter((event) => event.late === true);

describe('a worker that wakes when another one has the task (F5)', () => {
  it('is refused, ends its child and leaves the status alone', async () => {
    const sleeper = await startWorker('sleeper', 'f5', 2);
    const task = await submit('f5');
    await stack.said(task.currentRunId, 'tick');
    sleeper.kill('SIGSTOP');
    const since = performance.now();
    await startWorker('successor', 'f5', 60);
    const taken = await waitFor('the successor', isRunningOn(task, 'successor'));
    stack.recovered(since);
    expect(taken).toMatchObject({ runCount: 2, currentRun: { trigger: 'automatic' } });
    expect(processesWith(task.currentRunId)).not.toEqual([]);

    sleeper.kill('SIGCONT');
    await waitFor('the old child to be ended', () => processesWith(task.currentRunId).length === 0);
    await waitFor('its last lines', async () => (await lateLines(task.currentRunId)).length > 0);
    await sleeper.logged('run given up');
    const lost = await stack.client.readRun({ params: { runId: task.currentRunId } });
    expect(lost).toMatchObject({ status: 'failed', reason: 'worker_lost', workerName: 'sleeper' });

    writeFileSync(goFile('f5'), '');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 2, workerName: 'successor' });
  });

  it('is refused on every path when the same run has gone on elsewhere', async () => {
    const sleeper = await startWorker('taken', 'f5b', 60);
    const task = await submit('f5b');
    await stack.said(task.currentRunId, 'tick');
    const before = claimOf('taken', task);
    sleeper.kill('SIGSTOP');
    await stack.client.releaseTask({ params: { taskId: task.id }, body: { force: true } });
    await startWorker('heir', 'f5b', 60);
    const taken = await waitFor('the heir', isRunningOn(task, 'heir'));
    expect(taken).toMatchObject({ runCount: 1, currentRunId: task.currentRunId });
    expect(taken.currentRun.leaseEpoch).toBeGreaterThan(before.epoch);

    const stale = new RawRun(stack.url, before);
    const refused = { code: 'stale_lease', status: 409 };
    await expect(stale.reportStart()).rejects.toMatchObject(refused);
    await expect(stale.writePatch('--- a\n+++ b\n')).rejects.toMatchObject(refused);
    await expect(stale.finish('command_failed', 0)).rejects.toMatchObject(refused);

    sleeper.kill('SIGCONT');
    await waitFor('the late lines', async () => (await lateLines(task.currentRunId)).length > 0);
    await sleeper.logged('run given up');
    writeFileSync(goFile('f5b'), '');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1, workerName: 'heir' });
    expect(await stack.client.listBlobs({ params: { runId: task.currentRunId } })).toEqual({ data: [] });
  });

  it('hears in its heartbeat that a run is another’s', async () => {
    const [one, other] = [await RawWorker.enrol(stack, 'raw'), await RawWorker.enrol(stack, 'raw')];
    const task = await stack.submit({ executor: 'command', command: ['true'], requirements: ['raw'] });
    const [first] = await one.claim();
    expect(await one.beat([first as RawRun])).toMatchObject([{ state: 'held' }]);
    await stack.client.releaseTask({ params: { taskId: task.id }, body: { force: true } });
    const [second] = await other.claim();
    expect(await one.beat([first as RawRun])).toMatchObject([{ state: 'stale' }]);
    // Nor does the number of the new epoch help somebody who does not hold it.
    expect(await one.beat([second as RawRun])).toMatchObject([{ state: 'stale' }]);
    expect(await first?.append(1, ['too late\n'])).toMatchObject({ late: true });
    await second?.append(1, ['in time\n']);
    await second?.finish('succeeded', 1);
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', workerName: 'raw' });
  });
});

describe('a worker that wakes when nobody else took the run (F6)', () => {
  it('goes on under the same epoch, with the same child', async () => {
    const sleeper = await startWorker('laptop', 'f6', 60);
    const task = await submit('f6');
    await stack.said(task.currentRunId, 'tick');
    const children = processesWith(task.currentRunId).map(({ pid }) => pid);
    sleeper.kill('SIGSTOP');
    await waitFor('the silence to be shown', isUnreachable(task));
    const since = performance.now();
    sleeper.kill('SIGCONT');
    await waitFor('the worker to be heard', async () => !(await isUnreachable(task)()));
    stack.recovered(since);
    expect(processesWith(task.currentRunId).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining(children.slice(0, 1)),
    );
    writeFileSync(goFile('f6'), '');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1, logIncomplete: false },
    });
    expect(await lateLines(task.currentRunId)).toEqual([]);
  });
});

describe('clocks that are wrong or set (F7)', () => {
  const hour = 3_600_000;
  const clock = (name: string, shift = 0) => {
    const file = join(stack.folder, `clock-${name}`);
    writeFileSync(file, String(shift));
    return {
      file,
      env: {
        NODE_OPTIONS: `--import=${new URL('../../src/shift-clock.mjs', import.meta.url).href}`,
        CLOCK_SHIFT_FILE: file,
      },
    };
  };

  it.each([
    ['an hour fast', hour],
    ['an hour slow', -hour],
  ])('do not matter on a worker: %s, and set right while it works', async (name, shift) => {
    const label = name.replaceAll(' ', '-');
    const { file, env } = clock(label, shift);
    await startWorker(label, label, 2, env);
    const task = await submit(label);
    await stack.said(task.currentRunId, 'tick');
    const { leaseExpiresAt } = (await read(task)).currentRun;
    const isRenewed = async () => ((await read(task)).currentRun.leaseExpiresAt ?? '') > (leaseExpiresAt ?? '');
    await waitFor('a renewal', isRenewed);
    writeFileSync(file, '0');
    await stack.said(task.currentRunId, 'tick');
    writeFileSync(goFile(label), '');
    expect(await stack.until(task.id)).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1 },
    });
  });

  it('do not matter on the orchestrator, and a lost worker is noticed all the same', async () => {
    const { file, env } = clock('orchestrator');
    await stack.orchestrator.stop();
    await stack.startOrchestrator(env);
    const worker = await startWorker('timely', 'f7', 2);
    const task = await submit('f7');
    await stack.said(task.currentRunId, 'tick');
    const leaseOf = async () => Date.parse((await read(task)).currentRun.leaseExpiresAt ?? '');
    writeFileSync(file, String(hour));
    // Orchestrators that share a database go by its clock, whatever their own says.
    const ahead = stack.store === 'redis' ? 0 : hour;
    const before = await leaseOf();
    await waitFor('a lease by the new time', async () => {
      const lease = await leaseOf();
      return lease > before && Math.abs(lease - Date.now() - ahead) < hour / 2;
    });
    expect(await read(task)).toMatchObject({ status: 'running', runCount: 1 });

    // By a clock that is set back, the lease ends in an hour, and what is in line was put there in an hour.
    const waiting = await stack.submit({ executor: 'command', command: ['true'], requirements: ['later'] });
    worker.kill('SIGKILL');
    await worker.ended;
    writeFileSync(file, '0');
    const since = performance.now();
    await waitFor('the next run', async () => (await read(task)).runCount === 2, 20_000);
    stack.recovered(since);
    await startWorker('later', 'later', 2);
    expect(await stack.until(waiting.id)).toMatchObject({ status: 'succeeded' });
    await stack.cancel(task.id);
    await startWorker('timely', 'f7', 2);
    await waitFor('the leftovers to be ended', () => processesWith(task.currentRunId).length === 0);
    expect(existsSync(goFile('f7'))).toBe(false);
  });
});
