import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { RunQueue } from '../dispatch/run-queue.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeWorker, openDomain, type Domain } from '../testing/domain.js';
import { waitFor } from '../testing/wait-for.js';

const atOnce = { type: 'fixed' as const, delayMs: 0, maxMs: 0 };

describeOnEachEngine('runs', (kind) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const claimOne = async () => {
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  const statusEvents = async (runId: string) =>
    (await domain.transcripts.page(runId, { after: 0, limit: 1000 })).data.flatMap((event) =>
      event.type === 'status' ? [event.status] : [],
    );

  it('go from submit to result', async () => {
    const task = await domain.submit();
    const run = await claimOne();
    await domain.leases.reportStart(run.runId, { epoch: 1, branch: 'corch/x', baseCommit: 'abc' });
    expect(await domain.tasks.read(task.id)).toMatchObject({ status: 'running', reason: null, branch: 'corch/x' });
    domain.pass(5_000);
    const result = { text: 'Done.', turns: 2, models: {}, denials: [] };
    const ended = await domain.finish(run, {
      result,
      costUsd: 0.012345,
      stat: { files: 1, additions: 2, deletions: 3 },
    });
    expect(ended).toMatchObject({
      status: 'succeeded',
      reason: null,
      baseCommit: 'abc',
      exit: { outcome: 'succeeded' },
      result,
      cost: { amount: '0.012345', currency: 'USD', basis: 'estimate' },
      stat: { files: 1, additions: 2, deletions: 3 },
      leaseExpiresAt: null,
      logIncomplete: false,
    });
    expect(await domain.tasks.read(task.id)).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: ended });
    expect(await statusEvents(run.runId)).toEqual(['queued', 'running', 'succeeded']);
  });

  it('are finished once: the first report counts, its repeat is answered, another is refused', async () => {
    await domain.submit();
    const run = await claimOne();
    const completionId = randomUUID();
    const first = await domain.finish(run, { completionId });
    expect(await domain.finish(run, { completionId, exit: { outcome: 'agent_failed' } })).toEqual(first);
    await expect(domain.finish(run)).rejects.toMatchObject({
      code: 'run_finished',
      extra: { currentStatus: 'succeeded' },
    });
    expect(await statusEvents(run.runId)).toEqual(['queued', 'running', 'succeeded']);
  });

  it('are finished once when reports race', async () => {
    await domain.submit();
    const run = await claimOne();
    const reports = await Promise.allSettled(
      ['succeeded' as const, 'agent_failed' as const, 'run_time' as const].map((outcome) =>
        domain.finish(run, { exit: { outcome } }),
      ),
    );
    expect(reports.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await statusEvents(run.runId)).toHaveLength(3);
  });

  it('open a next run after a failure of their own, with a pause, until the retries are used up', async () => {
    const task = await domain.submit({ retries: 1, backoff: { type: 'fixed', delayMs: 10_000 } });
    await domain.finish(await claimOne(), { exit: { outcome: 'agent_failed', code: 1, message: 'Exit code 1.' } });
    const waiting = await domain.tasks.read(task.id);
    expect(waiting).toMatchObject({ status: 'scheduled', reason: 'retry_backoff', runCount: 2 });
    expect(waiting.currentRun).toMatchObject({ attempt: 2, trigger: 'automatic' });
    domain.pass(12_000);
    const second = await claimOne();
    expect(second).toMatchObject({ taskId: task.id, attempt: 2, epoch: 1 });
    await domain.finish(second, { exit: { outcome: 'agent_failed', code: 1, message: 'Exit code 1.' } });
    expect(await domain.tasks.read(task.id)).toMatchObject({
      status: 'failed',
      reason: 'agent_error',
      reasonText: 'Claude Code ended with an error. Exit code 1.',
      runCount: 2,
    });
    const runs = await domain.runs.ofTask(task.id);
    expect(runs.map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(new Set(runs.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  it('are repeated after failures that are nobody’s fault, within a bound of their own', async () => {
    const task = await domain.submit({ backoff: atOnce });
    for (let n = 1; n <= 4; n++) await domain.finish(await claimOne(), { exit: { outcome: 'api_unavailable' } });
    expect(await domain.tasks.read(task.id)).toMatchObject({ status: 'failed', runCount: 4 });
    expect(await domain.claim(worker)).toEqual([]);
  });

  it('are not repeated when they would fail again', async () => {
    const task = await domain.submit({ retries: 5, backoff: atOnce });
    await domain.finish(await claimOne(), { exit: { outcome: 'api_refused' } });
    expect(await domain.tasks.read(task.id)).toMatchObject({ status: 'failed', reason: 'agent_error', runCount: 1 });
  });

  it('are opened anew by a retry, with fresh counts, session and branch', async () => {
    const task = await domain.submit({ repository: { url: 'https://example.org/x.git' }, title: 'Fix it' });
    const first = await claimOne();
    const early = domain.tasks.retry(task.id, { resourceId: null, commit: () => Promise.resolve() });
    await expect(early).rejects.toMatchObject({ code: 'task_not_finished', extra: { currentStatus: 'running' } });
    await domain.finish(first, { exit: { outcome: 'agent_failed' } });
    const again = await domain.tasks.retry(task.id, { resourceId: null, commit: () => Promise.resolve() });
    expect(again).toMatchObject({ status: 'queued', runCount: 2, currentRun: { attempt: 2, trigger: 'retry' } });
    const second = await claimOne();
    expect(second.branch).toBe(`${first.branch}-r2`);
    expect(second.sessionId).not.toBe(first.sessionId);
  });

  it('are cancelled at once while they wait', async () => {
    const queued = await domain.submit();
    const scheduled = await domain.submit({ startAt: new Date(domain.clock.now + 3_600_000).toISOString() });
    for (const { id } of [queued, scheduled]) {
      expect(await domain.tasks.cancel(id, 'somebody')).toMatchObject({
        status: 'cancelled',
        reason: 'user',
        currentRun: { confirmed: true },
      });
      await expect(domain.tasks.cancel(id, 'somebody')).rejects.toMatchObject({
        code: 'task_not_cancellable',
        extra: { currentStatus: 'cancelled' },
      });
    }
    expect(await domain.claim(worker)).toEqual([]);
    const queue = domain.app.get(RunQueue);
    await waitFor('the queue to forget them', async () => {
      const { ready, delayed } = await queue.counts();
      return ready + delayed === 0;
    });
  });

  it('are cancelled by their worker while they run, and are not repeated then', async () => {
    const task = await domain.submit({ retries: 3, backoff: atOnce });
    const run = await claimOne();
    const asked = await domain.tasks.cancel(task.id, 'somebody');
    expect(asked).toMatchObject({ status: 'running', reason: 'cancelling' });
    expect(await domain.tasks.cancel(task.id, 'somebody')).toMatchObject({ status: 'running' });
    const beat = await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: 1 }] });
    expect(beat.runs).toEqual([{ runId: run.runId, epoch: 1, state: 'held', cancel: true, inboxN: 0 }]);
    expect(await domain.leases.toCancel(worker)).toHaveLength(1);
    await domain.finish(run, { exit: { outcome: 'agent_killed', code: null, signal: 'SIGTERM' } });
    expect(await domain.tasks.read(task.id)).toMatchObject({
      status: 'cancelled',
      reason: 'user',
      runCount: 1,
      currentRun: { confirmed: true, exit: { outcome: 'cancelled', signal: 'SIGTERM' } },
    });
  });

  it('keep a success that arrives after cancel was asked for', async () => {
    const task = await domain.submit();
    const run = await claimOne();
    await domain.tasks.cancel(task.id, 'somebody');
    expect(await domain.finish(run)).toMatchObject({ status: 'succeeded' });
  });

  it('take a cancel that nobody asked for as a child that was killed', async () => {
    const task = await domain.submit({ backoff: atOnce });
    await domain.finish(await claimOne(), { exit: { outcome: 'cancelled' } });
    expect(await domain.tasks.read(task.id)).toMatchObject({ status: 'queued', runCount: 2 });
    expect((await domain.runs.ofTask(task.id))[0]).toMatchObject({ exit: { outcome: 'agent_killed' } });
  });

  it('end in one way when cancel and result race', async () => {
    const task = await domain.submit();
    const run = await claimOne();
    await Promise.allSettled([
      domain.tasks.cancel(task.id, 'x'),
      domain.finish(run),
      domain.tasks.cancel(task.id, 'y'),
    ]);
    expect((await domain.tasks.read(task.id)).status).toBe('succeeded');
    expect(await statusEvents(run.runId)).toEqual(['queued', 'running', 'succeeded']);
  });

  it('are marked incomplete when lines are missing at the end', async () => {
    await domain.submit();
    const run = await claimOne();
    expect(await domain.finish(run, { lastN: 3 })).toMatchObject({ status: 'succeeded', logIncomplete: true });
  });

  it('resume under the same epoch on the worker that held them', async () => {
    await domain.submit();
    const run = await claimOne();
    domain.pass(20_000);
    await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: 1 }] });
    // Beyond the lease nothing is counted: the worker was away.
    domain.pass(90_000);
    const other = await domain.worker({ name: 'other' });
    const held = [
      { runId: run.runId, epoch: 1 },
      { runId: run.runId, epoch: 2 },
      { runId: 'run_01k9xyzabcdefghjkm7k2m9qab', epoch: 1 },
    ];
    const [resumed, ...stale] = (await domain.leases.register(worker, makeWorker({ held }))).held;
    expect(resumed).toMatchObject({ state: 'resume', run: { ...run, spentMs: 80_000 } });
    expect(stale.map(({ state }) => state)).toEqual(['stale', 'stale']);
    expect((await domain.leases.register(other, makeWorker({ held }))).held[0]).toMatchObject({ state: 'stale' });
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'running', leaseEpoch: 1 });
  });

  it('pass over to nobody while a stale worker talks', async () => {
    await domain.submit();
    const run = await claimOne();
    await domain.finish(run);
    await expect(
      domain.leases.reportStart(run.runId, { epoch: 1, branch: null, baseCommit: null }),
    ).rejects.toMatchObject({ code: 'stale_lease', extra: { currentStatus: 'succeeded' } });
    const beat = await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: 1 }] });
    expect(beat.runs).toEqual([{ runId: run.runId, epoch: 1, state: 'stale', cancel: true, inboxN: 0 }]);
  });
});
