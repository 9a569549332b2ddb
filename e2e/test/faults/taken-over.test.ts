// What a lost or stopped worker had done is gone on with elsewhere, not done again.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { processesWith } from '../../src/processes.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('taken over', { workers: 0 });
});
afterAll(() => stack.finish());

const startWorker = (name: string, label: string, more: readonly string[] = []) =>
  stack.startWorker({
    folder: join(stack.folder, name),
    args: ['--name', name, '--label', label, '--lost-after', '2', '--concurrency', '1', ...more],
  });

/** A task that has written its first file, waits in its second step, and has left a checkpoint. */
async function halfDone(worker: string, label: string): Promise<TaskDetail> {
  const repository = { path: stack.repository(worker) };
  const task = await stack.submit({
    prompt: 'Go [[scenario:wait-for-go]]',
    repository,
    requirements: [label],
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
  });
  await stack.said(task.currentRunId, 'Now I wait.');
  const sessionId = (await stack.client.readRun({ params: { runId: task.currentRunId } })).sessionId ?? '';
  await waitFor('a checkpoint of all that was said', () => {
    const size = sessionSize(join(stack.folder, worker, 'homes', sessionId), sessionId);
    return keptSize(join(stack.folder, worker, 'runs', task.currentRunId)) === size;
  });
  return task;
}

/** Bytes of Claude Code's transcript of a session. */
function sessionSize(home: string, sessionId: string): number {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
  const file = files.find((name) => name.endsWith(`${sessionId}.jsonl`));
  return file === undefined ? -1 : statSync(join(home, file)).size;
}

/** Bytes of the transcript in the last checkpoint of a run, by the mark that the worker keeps of it. */
function keptSize(runFolder: string): number | null {
  const file = join(runFolder, 'checkpoint.json');
  if (!existsSync(file)) return null;
  const { session } = JSON.parse(readFileSync(file, 'utf8')) as { session: string };
  return Number.parseInt(session, 10);
}

const toolsOf = async (runId: string) =>
  (await stack.events(runId)).flatMap((event) => (event.type === 'tool_use' ? JSON.stringify(event.input) : []));
const sessionsOf = async (runId: string) =>
  new Set((await stack.events(runId)).flatMap((event) => (event.type === 'session' ? event.sessionId : [])));

describe('a worker whose machine is gone for good (F4)', () => {
  it('is replaced by another one, which goes on in the session and with the files', async () => {
    const gone = await startWorker('gone', 'f4');
    const task = await halfDone('gone', 'f4');
    gone.kill('SIGKILL');
    await gone.ended;
    const since = performance.now();
    for (const { pid } of processesWith(task.currentRunId)) process.kill(pid, 'SIGKILL');
    await startWorker('successor', 'f4');
    const next = await waitFor('the next run to start', async () => {
      const now = await stack.client.readTask({ params: { taskId: task.id } });
      return now.runCount === 2 && now.status === 'running' && now.branch !== null ? now : undefined;
    });
    stack.recovered(since);
    // At most one turn is repeated: the wait, when it was not in the checkpoint yet.
    const workspace = `${task.id.slice(-6)}-${next.currentRunId.slice(-8)}`;
    writeFileSync(join(stack.folder, 'successor', 'workspaces', workspace, 'go'), '');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 2, workerName: 'successor' });
    expect(done.currentRun.continuesRunId).toBe(task.currentRunId);
    expect(await sessionsOf(done.currentRunId)).toEqual(await sessionsOf(task.currentRunId));
    // The first file comes from the checkpoint; only the rest is done.
    const tools = await toolsOf(done.currentRunId);
    expect(tools.some((input) => input.includes('first.txt'))).toBe(false);
    expect(tools.some((input) => input.includes('second.txt'))).toBe(true);
    const patch = Buffer.from(await stack.client.readPatch({ params: { runId: done.currentRunId } })).toString();
    expect(patch).toContain('+first');
    expect(patch).toContain('+second');
  });
});

describe('a worker that is stopped', () => {
  it('hands back what does not end in time, and the same run goes on elsewhere', async () => {
    const stopped = await startWorker('stopped', 'drain', ['--drain-grace', '0']);
    const task = await halfDone('stopped', 'drain');
    stopped.kill('SIGTERM');
    expect((await stopped.ended).code).toBe(0);
    expect(processesWith(task.currentRunId)).toEqual([]);
    const back = await stack.client.readTask({ params: { taskId: task.id } });
    expect(back).toMatchObject({ status: 'queued', runCount: 1, currentRunId: task.currentRunId });
    await startWorker('next', 'drain');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { attempt: 1, leaseEpoch: 2 } });
    expect((await sessionsOf(task.currentRunId)).size).toBe(1);
    const firsts = (await toolsOf(task.currentRunId)).filter((input) => input.includes('first.txt'));
    expect(firsts).toHaveLength(1);
  });

  it('lets end what ends in time', async () => {
    const patient = await startWorker('patient', 'grace', ['--drain-grace', '60']);
    const go = join(stack.folder, 'may-end');
    const task = await stack.submit({
      executor: 'command',
      command: ['sh', '-c', `echo begun; until [ -e ${go} ]; do sleep 0.1; done`],
      requirements: ['grace'],
    });
    await stack.said(task.currentRunId, 'begun');
    patient.kill('SIGTERM');
    await waitFor('the worker to say so', () => /finish/i.test(patient.stderr + patient.stdout));
    writeFileSync(go, '');
    expect((await patient.ended).code).toBe(0);
    expect(await stack.until(task.id)).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1 },
    });
  });
});

describe('a worker that is paused or drained from afar', () => {
  it('takes nothing until it is resumed, over restarts of the orchestrator', async () => {
    await startWorker('paused', 'mode');
    const worker = (await stack.client.listWorkers()).data.find(({ name }) => name === 'paused');
    const params = { workerId: worker?.id ?? '' };
    await stack.client.pauseWorker({ params });
    const task = await stack.submit({ executor: 'command', command: ['true'], requirements: ['mode'] });
    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    await waitFor('the pause to be told', async () => {
      const { status, reason } = await stack.client.readTask({ params: { taskId: task.id } });
      return status === 'queued' && reason === 'paused';
    });
    await stack.client.resumeWorker({ params });
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
  });
});
