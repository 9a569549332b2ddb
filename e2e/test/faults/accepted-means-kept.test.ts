// After 202 a task ends, whatever dies: between a claim and its answer, or in the middle of a commit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('accepted means kept', { workers: 0 });
});
afterAll(() => stack.finish());

const startWorker = (label: string) => stack.startWorker({ args: ['--name', label, '--label', label] });
/** A command that leaves a line behind each time it is executed. */
const submit = (label: string, name: string) =>
  stack.submit({
    executor: 'command',
    command: ['sh', '-c', `echo ${name} >> ${ledger()}; echo done`],
    requirements: [label],
  });
const ledger = () => join(stack.folder, 'executed');
const executed = (name: string) =>
  readFileSync(ledger(), 'utf8')
    .split('\n')
    .filter((line) => line === name).length;
const isHandedBack = async ({ currentRunId: runId }: TaskDetail) =>
  (await stack.events(runId)).some((event) => event.type === 'status' && event.text?.includes('never began'));

async function restartKilled(): Promise<number> {
  await stack.orchestrator.ended;
  const since = performance.now();
  await stack.startOrchestrator();
  return since;
}

describe('a claim whose answer is lost (F20)', () => {
  it('gives the same run again to the same worker when the orchestrator died', async () => {
    await startWorker('steady');
    stack.points.killAt('claim.committed');
    const task = await submit('steady', 'died');
    const since = await restartKilled();
    const done = await stack.until(task.id);
    stack.recovered(since);
    // On a slow machine the claim may be handed back before the worker asks again; it is executed once all the same.
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { attempt: 1 } });
    expect(executed('died')).toBe(1);
  });

  it('puts the run back in line when the worker died too, and counts no attempt', async () => {
    const lost = await startWorker('vanishing');
    stack.points.holdAt('claim.committed');
    const task = await submit('vanishing', 'vanished');
    await stack.points.reached('claim.committed');
    lost.kill('SIGKILL');
    stack.points.release('claim.committed');
    const since = performance.now();
    await waitFor('the run to be back in line', () => isHandedBack(task));
    await startWorker('vanishing');
    const done = await stack.until(task.id);
    stack.recovered(since);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { attempt: 1, leaseEpoch: 2 } });
    expect(executed('vanished')).toBe(1);
  });

  it('never starts it twice when a proxy drops the answer', async () => {
    const proxy = await stack.openProxy();
    await stack.startWorker({ url: proxy.url, args: ['--name', 'behind', '--label', 'behind'] });
    stack.points.holdAt('claim.committed');
    const task = await submit('behind', 'dropped');
    await stack.points.reached('claim.committed');
    proxy.cut();
    stack.points.release('claim.committed');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(executed('dropped')).toBe(1);
  });
});

describe('an orchestrator that is killed again and again while it takes tasks (F29)', () => {
  const rounds = 3;
  const clients = 2;

  it('has every task that it accepted, each executed once', async () => {
    const names: string[] = [];
    for (let round = 1; round <= rounds; round++) {
      const killing = new AbortController();
      const takes = Array.from({ length: clients }, (_, client) =>
        submitUntil(killing.signal, `${round}-${client}`, names),
      );
      await waitFor('some tasks of this round', () => names.filter((name) => name.startsWith(`${round}-`)).length >= 6);
      killing.abort();
      stack.orchestrator.kill('SIGKILL');
      await Promise.all(takes);
      // After a kill, SQLite's file is looked over, and a damaged one refuses to start.
      stack.recovered(await restartKilled());
    }
    const known = await stack.untilAll(stack.accepted);
    expect(known.every(({ status, runCount }) => status === 'succeeded' && runCount === 1)).toBe(true);
    expect(names.filter((name) => executed(name) !== 1)).toEqual([]);
  });

  /** Submits one task after the other, and notes those that were accepted. */
  async function submitUntil(killed: AbortSignal, client: string, names: string[]): Promise<void> {
    for (let n = 1; !killed.aborted; n++) {
      const name = `${client}-${n}`;
      try {
        await submit('steady', name);
        names.push(name);
      } catch (error) {
        if (!killed.aborted) throw error;
      }
    }
  }
});
