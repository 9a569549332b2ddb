// Lines of runs that others hold by now: delivered in the end, beside everything else, also over restarts.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { processesOf, until } from './testing/processes.js';
import { startStack, type Stack } from './testing/stack.js';

let stack: Stack;
let late: string;

beforeEach(async () => {
  stack = await startStack();
  late = join(stack.base, 'worker', 'late');
});
afterEach(() => stack.close());

const outputs = (run: PretendRun) => eventsOf(run, 'output').map(({ text }) => text);
const lastNote = (run: PretendRun) => eventsOf(run, 'note').at(-1)?.text;
const theNote = 'Another holds this run now (or it has ended); its processes here were ended.';

/** A run that said something which the orchestrator has not stored, and that is then given to another. */
async function loseRun(): Promise<PretendRun> {
  const { orchestrator } = stack;
  const gate = join(stack.base, 'gate');
  const script = `echo one; while [ ! -e ${gate} ]; do sleep 0.02; done; echo two; mkdir ${gate}/said; sleep 600`;
  const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', script] });
  await orchestrator.event(run, 'output');
  run.isDeaf = true;
  mkdirSync(gate);
  await until(() => existsSync(join(gate, 'said')));
  run.stale = true;
  await until(() => existsSync(late) && readdirSync(late).length === 1);
  expect(await processesOf(run.claimed.runId)).toEqual([]);
  return run;
}

describe('lines of a run that is held elsewhere', () => {
  it('take no slot and are in no heartbeat while they wait, and arrive', async () => {
    const { orchestrator } = stack;
    await stack.startWorker({ WORKER_CONCURRENCY: '1' });
    const run = await loseRun();
    const next = orchestrator.submit({ executor: 'command', command: ['true'] });
    expect((await orchestrator.finished(next)).finish.exit.outcome).toBe('succeeded');
    const beats = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > beats + 1);
    expect(orchestrator.heartbeats.at(-1)?.held).toEqual([]);
    expect(outputs(run)).toEqual(['one\n']);
    run.isDeaf = false;
    await orchestrator.until(() => lastNote(run) === theNote);
    expect(outputs(run).join('')).toBe('one\ntwo\n');
    await until(() => readdirSync(late).length === 0);
    expect(run.finish).toBeUndefined();
  });

  it('wait on disk for the next start', async () => {
    const worker = await stack.startWorker();
    const run = await loseRun();
    await worker.stop();
    expect(readdirSync(late)).toEqual([`${run.claimed.runId}.1`]);
    run.isDeaf = false;
    await stack.startWorker();
    expect(stack.orchestrator.registrations.at(-1)?.held).toEqual([]);
    await stack.orchestrator.until(() => lastNote(run) === theNote);
    expect(outputs(run).join('')).toBe('one\ntwo\n');
    await until(() => readdirSync(late).length === 0);
  });

  it('are kept also when the worker learns it at its start', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', 'echo one; sleep 600'] });
    run.isDeaf = true;
    const stdout = join(stack.base, 'worker', 'runs', run.claimed.runId, 'stdout.log');
    await until(() => existsSync(stdout));
    await worker.stop();
    run.stale = true;
    run.isDeaf = false;
    await stack.startWorker();
    await orchestrator.until(() => lastNote(run) === theNote);
    expect(eventsOf(run, 'note')[0]?.text).toContain('Workspace ready');
    await until(() => readdirSync(late).length === 0);
  });

  it('are dropped when nobody knows the run any more, or nobody took them for 8 days', async () => {
    const worker = await stack.startWorker();
    const run = await loseRun();
    await worker.stop();
    const unknown = join(late, 'run_unknown.1');
    mkdirSync(unknown);
    const old = Date.now() / 1000 - 8 * 86_400 - 60;
    utimesSync(unknown, old, old);
    stack.orchestrator.runs.delete(run.claimed.runId);
    await stack.startWorker();
    await until(() => readdirSync(late).length === 0);
    expect(lastNote(run)).not.toBe(theNote);
  });
});
