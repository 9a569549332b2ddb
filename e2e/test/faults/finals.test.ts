// The final status of a run never changes, whatever is reported later or at the same time (F31).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiError } from '@corch/contract/client';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { RawWorker, type RawRun } from '../../src/raw-worker.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('finals stay', { workers: 0 });
});
afterAll(() => stack.finish());

/** A task that `worker` holds. */
async function held(worker: RawWorker, label: string, retries = 0): Promise<{ run: RawRun; taskId: string }> {
  const backoff = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;
  const task = await stack.submit({ executor: 'command', command: ['true'], requirements: [label], retries, backoff });
  const [run] = await worker.claim();
  if (run === undefined) throw new Error('nothing to claim');
  return { run, taskId: task.id };
}
const read = (run: RawRun) => stack.client.readRun({ params: { runId: run.claimed.runId } });
const notes = async (run: RawRun) =>
  (await stack.events(run.claimed.runId)).flatMap((event) => (event.type === 'note' ? event.text : []));

describe('a run that succeeded', () => {
  it('stays so whatever is said of it later, and tells of it', async () => {
    const worker = await RawWorker.enrol(stack, 'steady');
    const { run } = await held(worker, 'steady', 1);
    await run.append(1, ['one\n']);
    const stored = await run.finish('succeeded', 1);
    for (const late of ['command_failed', 'no_output', 'cancelled', 'worker_error'] as const) {
      await expect(run.finish(late, 1)).rejects.toMatchObject({ code: 'run_finished', currentStatus: 'succeeded' });
    }
    expect(await run.append(2, ['two\n'])).toMatchObject({ late: true });
    expect(await worker.beat([run])).toMatchObject([{ state: 'stale' }]);
    const { eventCount: _counted, ...now } = await read(run);
    expect(now).toEqual((({ eventCount: _before, ...rest }) => rest)(stored));
    expect((await notes(run)).filter((text) => text.includes('not counted'))).toHaveLength(4);
  });

  it('counts once when twenty reports arrive together', async () => {
    const worker = await RawWorker.enrol(stack, 'twenty');
    const { run } = await held(worker, 'twenty');
    const reports = Array.from({ length: 20 }, (_, n) => run.finish(n % 2 === 0 ? 'succeeded' : 'command_failed', 0));
    const answers = await Promise.allSettled(reports);
    const [first, ...more] = answers.filter(({ status }) => status === 'fulfilled');
    expect(more).toEqual([]);
    expect(await read(run)).toMatchObject({ status: first?.status === 'fulfilled' ? first.value.status : null });
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(ApiError);
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'run_finished', status: 409 });
    }
  });
});

describe('a run that was lost', () => {
  it('stays failed when its worker reports a success after all', async () => {
    const worker = await RawWorker.enrol(stack, 'silent', { lostAfterMs: 1000 });
    const { run, taskId } = await held(worker, 'silent');
    await worker.beat([run]);
    await waitFor('the loss', async () => (await read(run)).status === 'failed');
    await expect(run.finish('succeeded', 0)).rejects.toMatchObject({ status: 409, currentStatus: 'failed' });
    expect(await read(run)).toMatchObject({ status: 'failed', reason: 'worker_lost' });
    expect((await notes(run)).join()).toContain('not counted');
    const [next] = await worker.claim();
    await next?.finish('succeeded', 0);
    expect(await stack.until(taskId)).toMatchObject({ status: 'succeeded', runCount: 2 });
  });
});

describe('cancel and success at the same moment', () => {
  it('end in one of the two, for good', async () => {
    const worker = await RawWorker.enrol(stack, 'race');
    for (let n = 0; n < 10; n++) {
      const { run, taskId } = await held(worker, 'race');
      const asked = stack.client.cancelTask({ params: { taskId } });
      const [cancel, finish] = await Promise.allSettled([asked, run.finish('succeeded', 0)]);
      expect(finish.status).toBe('fulfilled');
      const done = await read(run);
      // A success stands; a cancel that came too late is refused.
      expect(done.status).toBe('succeeded');
      if (cancel.status === 'rejected') expect(cancel.reason).toMatchObject({ code: 'task_not_cancellable' });
    }
  });
});
