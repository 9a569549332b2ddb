// A worker that is stopped, paused or drained: what runs may end, what does not is given back, nothing new is taken.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { isAlive, processesOf, until } from './testing/processes.js';
import { startProgram, type WorkerProgram } from './testing/program.js';
import { startStack, type Stack } from './testing/stack.js';
import { createLogger } from './logger.js';
import { Worker } from './worker.js';

let stack: Stack;
const children: ChildProcess[] = [];

beforeEach(async () => {
  stack = await startStack();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stack.close();
});

const runFolder = (run: PretendRun) => join(stack.base, 'worker', 'runs', run.claimed.runId);
const stateOf = (run: PretendRun): unknown => JSON.parse(readFileSync(join(runFolder(run), 'state.json'), 'utf8'));

/** A command that ends when it is allowed to. */
function submitWaiting(): { run: PretendRun; begun: Promise<unknown>; letGo: () => void } {
  const gate = join(stack.base, `gate-${Math.random()}`);
  const script = `echo begun; while [ ! -e ${gate} ]; do sleep 0.02; done; echo ended`;
  const run = stack.orchestrator.submit({ executor: 'command', command: ['sh', '-c', script] });
  return { run, begun: stack.orchestrator.event(run, 'output'), letGo: () => writeFileSync(gate, '') };
}

async function start(over: Record<string, string> = {}): Promise<WorkerProgram> {
  const program = startProgram({ ...stack.environment, ...over });
  children.push(program.child);
  await program.message;
  return program;
}

describe('a worker that is asked to stop', () => {
  it('finishes what runs, takes nothing new, and goes on beating meanwhile', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const { run, begun, letGo } = submitWaiting();
    await begun;
    const said: string[] = [];
    const drained = worker.drain((text) => said.push(text));
    const claims = orchestrator.claims.length;
    const next = orchestrator.submit({ executor: 'command', command: ['true'] });
    const beats = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > beats + 2);
    letGo();
    await drained;
    expect(await worker.ended).toEqual({ reason: 'stopped' });
    expect(run.finish?.exit.outcome).toBe('succeeded');
    expect([next.events, orchestrator.claims.length]).toEqual([[], claims]);
    expect(said).toEqual(['Finishing 1 run for up to 25 s; send the signal again to stop now.']);
  });

  it('gives back what does not end in time, with everything it said, and rests', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await orchestrator.event(run, 'session');
    await worker.drain();
    expect(run.handedBack).toEqual({ epoch: 1, text: 'The worker test-worker was stopped and gave the run back.' });
    expect(run.finish).toBeUndefined();
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(stateOf(run)).toMatchObject({ resting: true, running: false });
    // A run that rests is not held: the next start neither lists nor drops it.
    await stack.startWorker();
    expect(orchestrator.registrations.at(-1)?.held).toEqual([]);
    expect(existsSync(runFolder(run))).toBe(true);
  });

  it('keeps what it cannot give back, and goes on with it at its next start', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await orchestrator.event(run, 'session');
    orchestrator.isAway = true;
    await worker.drain();
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    // Nobody died over it.
    expect(stateOf(run)).toMatchObject({ running: false });
    orchestrator.isAway = false;
    await stack.startWorker();
    expect(orchestrator.registrations.at(-1)?.held).toEqual([{ runId: run.claimed.runId, epoch: 1 }]);
    await orchestrator.event(run, 'note', ({ text }) => text.includes('goes on'));
    expect(run.handedBack).toBeUndefined();
  });

  it('delivers what had ended instead of giving it back', async () => {
    const { orchestrator } = stack;
    const first = await stack.startWorker();
    const run = orchestrator.submit({ executor: 'command', command: ['true'] });
    await orchestrator.event(run, 'note');
    orchestrator.isAway = true;
    await until(() => existsSync(join(runFolder(run), 'completion.json')));
    await first.stop();
    orchestrator.isAway = false;
    orchestrator.tell({ mode: 'draining', drainMs: 0 });
    await stack.startWorker();
    expect((await orchestrator.finished(run)).finish.exit.outcome).toBe('succeeded');
    expect(run.handedBack).toBeUndefined();
  });
});

describe('a worker that is stopped while a run is on its way to it', () => {
  /** Does something at the moment when the worker is about to log `sentence`. */
  function workerThat(sentence: string, act: (worker: Worker) => void, over: Record<string, string> = {}): Worker {
    const logger = createLogger('silent', (text) => text);
    const info = (said: string) => {
      if (said === sentence) act(worker);
      return logger;
    };
    const worker: Worker = new Worker(stack.configOf(over), Object.assign(logger, { info }));
    return worker;
  }

  it('gives back what a claim was answered with', async () => {
    const { orchestrator } = stack;
    const worker = workerThat('run claimed', (it) => void it.drain(), { WORKER_DRAIN_GRACE_SECONDS: '0' });
    await worker.start();
    const { run } = submitWaiting();
    expect(await worker.ended).toEqual({ reason: 'stopped' });
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(run.handedBack).toEqual({ epoch: 1, text: 'The worker test-worker was stopped and gave the run back.' });
    expect(orchestrator.runs.size).toBe(1);
  });

  it('keeps what it was to go on with', async () => {
    const { orchestrator } = stack;
    const first = await stack.startWorker();
    const lost = submitWaiting();
    await lost.begun;
    const held = orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await orchestrator.event(held, 'session');
    await first.stop();
    lost.run.stale = true;
    const second = workerThat('run dropped; it is no longer held by this worker', (it) => void it.stop());
    await second.start();
    expect(await second.ended).toEqual({ reason: 'stopped' });
    expect(await processesOf(held.claimed.runId)).toEqual([]);
    expect([held.handedBack, held.finish]).toEqual([undefined, undefined]);
    await stack.startWorker();
    expect(orchestrator.registrations.at(-1)?.held).toEqual([{ runId: held.claimed.runId, epoch: 1 }]);
  });
});

describe('signals', () => {
  it('SIGTERM drains and ends with 0', async () => {
    const { child, exit, stderr } = await start({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    const { run, begun } = submitWaiting();
    await begun;
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(run.handedBack).toMatchObject({ epoch: 1 });
    expect(await stderr).toContain('Giving 1 run back; no attempt is counted.');
  });

  it('a second one stops now: everything is ended, the run stays on disk', async () => {
    const { child, exit } = await start();
    const { run, begun } = submitWaiting();
    await begun;
    const pids = (await processesOf(run.claimed.runId)).map(({ pid }) => pid);
    const claims = stack.orchestrator.claims.length;
    child.kill('SIGTERM');
    // Within half a second it would be the same keypress.
    const askedAt = performance.now();
    await stack.orchestrator.until(() => performance.now() - askedAt > 600);
    child.kill('SIGTERM');
    expect(await exit).toBe(1);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    expect([run.handedBack, run.finish]).toEqual([undefined, undefined]);
    expect(stack.orchestrator.claims.length).toBe(claims);
    expect(existsSync(join(runFolder(run), 'claim.json'))).toBe(true);
  });

  it('a second one is no end of the child: the next start goes on with the run', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await orchestrator.event(run, 'session');
    void worker.drain();
    await worker.kill();
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    const isCompleted = () => existsSync(join(runFolder(run), 'completion.json'));
    await until(() => isCompleted() || (stateOf(run) as { running: boolean }).running === false);
    // Nor has anybody died over it.
    expect([isCompleted(), stateOf(run)]).toEqual([false, expect.objectContaining({ running: false, crashes: 0 })]);
    await worker.stop();
    await stack.startWorker();
    await orchestrator.event(run, 'note', ({ text }) => text.includes('goes on'));
    expect([run.handedBack, run.finish]).toEqual([undefined, undefined]);
  });

  it('a parent says drain once, however many signals came', async () => {
    const { child, exit } = await start({ WORKER_DRAIN_GRACE_SECONDS: '600' });
    const { run, begun, letGo } = submitWaiting();
    await begun;
    child.send({ type: 'drain' });
    child.kill('SIGTERM');
    child.send({ type: 'drain' });
    const beats = stack.orchestrator.heartbeats.length;
    await stack.orchestrator.until(() => stack.orchestrator.heartbeats.length > beats + 2);
    letGo();
    expect(await exit).toBe(0);
    expect(run.finish?.exit.outcome).toBe('succeeded');
  });
});

describe('orders of the orchestrator', () => {
  it.each([true, false])('paused, it takes nothing and what runs goes on (only in replies: %s)', async (quietly) => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const { run, begun, letGo } = submitWaiting();
    await begun;
    orchestrator.tell({ mode: 'paused', drainMs: null }, quietly);
    const beats = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > beats + 2);
    orchestrator.endClaims();
    const claims = orchestrator.claims.length;
    letGo();
    await orchestrator.finished(run);
    const later = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > later + 3);
    expect(orchestrator.claims.length).toBe(claims);
    const next = orchestrator.submit({ executor: 'command', command: ['true'] });
    orchestrator.tell({ mode: 'active', drainMs: null }, quietly);
    expect((await orchestrator.finished(next)).finish.exit.outcome).toBe('succeeded');
  });

  it('draining, it gives back what runs when the time is over, stays, and comes back', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const { run, begun } = submitWaiting();
    await begun;
    orchestrator.tell({ mode: 'draining', drainMs: 50 });
    await orchestrator.until(() => run.handedBack !== undefined);
    expect(run.handedBack?.text).toBe('The worker test-worker is being drained and gave the run back.');
    expect(eventsOf(run, 'output').map(({ text }) => text)).toEqual(['begun\n']);
    expect(worker.isStopping).toBe(false);
    orchestrator.tell({ mode: 'active', drainMs: null });
    const next = orchestrator.submit({ executor: 'command', command: ['true'] });
    expect((await orchestrator.finished(next)).finish.exit.outcome).toBe('succeeded');
  });

  it('a run that another got is ended, whatever says so first', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const { run, begun } = submitWaiting();
    await begun;
    orchestrator.control({ type: 'stale', runId: run.claimed.runId, epoch: 1 });
    await orchestrator.event(run, 'note', ({ text }) => text.startsWith('Another holds this run now'));
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(run.finish).toBeUndefined();
    await until(() => !existsSync(runFolder(run)));
  });
});
