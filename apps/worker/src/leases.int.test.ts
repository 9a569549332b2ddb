// A worker that hears nothing from its orchestrator for as long as the orchestrator would wait before it gives a run away.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { processesOf, until } from './testing/processes.js';
import { startStack, type Stack } from './testing/stack.js';

let stack: Stack;

beforeEach(async () => {
  stack = await startStack();
  // Two seconds, of which four fifths are waited: the pretend lease is shorter.
  await stack.startWorker({ WORKER_LOST_AFTER_SECONDS: '2' });
});
afterEach(() => stack.close());

const pidsOf = async (run: PretendRun) => (await processesOf(run.claimed.runId)).map(({ pid }) => pid);

/** A run whose child works until somebody ends it, or until it has a second turn. */
async function begin(): Promise<PretendRun> {
  const wait = { name: 'Bash', input: { command: 'echo begun; sleep 600', description: 'Wait' } };
  stack.model.setScripts({ long: [{ text: 'First.', tools: [wait] }, { text: 'All done.' }] });
  const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:long]]' });
  await stack.orchestrator.event(run, 'tool_use');
  return run;
}

describe('an orchestrator that is silent', () => {
  it('for a moment changes nothing', async () => {
    const { orchestrator } = stack;
    const run = await begin();
    const [claude] = await pidsOf(run);
    orchestrator.isAway = true;
    const refused = orchestrator.refusedCalls;
    await orchestrator.until(() => orchestrator.refusedCalls > refused + 3);
    orchestrator.isAway = false;
    const beats = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > beats + 1);
    expect(await pidsOf(run)).toContain(claude);
    orchestrator.cancel(run);
    await orchestrator.finished(run);
  });

  it('for too long: the child is ended, nothing is finished, and the run goes on where it was', async () => {
    const { orchestrator } = stack;
    const run = await begin();
    orchestrator.isAway = true;
    await until(async () => (await pidsOf(run)).length === 0);
    expect(run.finish).toBeUndefined();
    orchestrator.isAway = false;
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ epoch: 1, exit: { outcome: 'succeeded' }, result: { text: 'All done.' } });
    const sessions = eventsOf(run, 'session').map((event) => event.sessionId);
    expect(sessions).toEqual([run.claimed.sessionId, run.claimed.sessionId]);
    expect(eventsOf(run, 'text').map(({ text }) => text)).toEqual(['First.', 'All done.']);
    expect(eventsOf(run, 'note').map(({ text }) => text)).toContain(
      'The orchestrator was out of reach for too long; the run goes on (start 2).',
    );
    expect(orchestrator.registrations).toHaveLength(1);
    expect(finish.lastN).toBe(run.events.length);
  });

  it('and has given the run away: what was said is still delivered, and nothing else', async () => {
    const { orchestrator } = stack;
    const run = await begin();
    orchestrator.isAway = true;
    await until(async () => (await pidsOf(run)).length === 0);
    run.stale = true;
    orchestrator.isAway = false;
    await orchestrator.event(run, 'note', ({ text }) => text.startsWith('Another holds this run now'));
    const late = join(stack.base, 'worker', 'late');
    await until(() => readdirSync(late).length === 0);
    expect(existsSync(join(stack.base, 'worker', 'runs', run.claimed.runId))).toBe(false);
    expect(run.finish).toBeUndefined();
  });

  it('and comes back with a cancel: the run ends', async () => {
    const { orchestrator } = stack;
    const run = await begin();
    orchestrator.isAway = true;
    await until(async () => (await pidsOf(run)).length === 0);
    orchestrator.cancel(run, true);
    orchestrator.isAway = false;
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('cancelled');
    expect(eventsOf(run, 'session')).toHaveLength(1);
  });

  it('a completed run waits for it, however long that takes', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit({ executor: 'command', command: ['true'] });
    await orchestrator.event(run, 'note');
    orchestrator.isAway = true;
    await until(() => existsSync(join(stack.base, 'worker', 'runs', run.claimed.runId, 'completion.json')));
    const silentAt = performance.now();
    await orchestrator.until(() => performance.now() - silentAt > 2500);
    orchestrator.isAway = false;
    expect((await orchestrator.finished(run)).finish.exit.outcome).toBe('succeeded');
  });
});

describe('an answer to a claim that was long on its way', () => {
  /** A run whose claim is answered after its lease is over, while nothing else is answered. */
  async function claimLate(file: string): Promise<PretendRun> {
    const { orchestrator } = stack;
    let answer: () => void = () => undefined;
    orchestrator.slowClaims = new Promise((resolve) => (answer = resolve));
    const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', `echo ran >> ${file}`] });
    await orchestrator.until(() => orchestrator.isQueueEmpty);
    const claimedAt = performance.now();
    await orchestrator.until(() => performance.now() - claimedAt > 2000);
    orchestrator.isAway = true;
    answer();
    // Without its lease in doubt, its child would have started long ago.
    await until(() => existsSync(join(stack.base, 'worker', 'runs', run.claimed.runId)));
    const refused = orchestrator.refusedCalls;
    await orchestrator.until(() => orchestrator.refusedCalls > refused + 8);
    return run;
  }

  it('starts nothing before the orchestrator says that the run is still held here', async () => {
    const file = join(stack.base, 'ran');
    const run = await claimLate(file);
    expect(existsSync(file)).toBe(false);
    stack.orchestrator.isAway = false;
    expect((await stack.orchestrator.finished(run)).finish.exit.outcome).toBe('succeeded');
    expect(readFileSync(file, 'utf8')).toBe('ran\n');
  });

  it('starts nothing at all when another has the run', async () => {
    const { orchestrator } = stack;
    const file = join(stack.base, 'ran');
    const run = await claimLate(file);
    run.stale = true;
    orchestrator.isAway = false;
    const folder = join(stack.base, 'worker', 'runs', run.claimed.runId);
    await until(() => !existsSync(folder));
    expect(existsSync(file)).toBe(false);
    expect(run.finish).toBeUndefined();
  });
});
