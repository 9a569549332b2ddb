import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ClaimedRun } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { describeOnEachStore } from '../testing/stores.js';
import type { Domain } from '../testing/domain.js';

/** The default lease. */
const leaseMs = 60_000;
const atOnce = { type: 'fixed' as const, delayMs: 0, maxMs: 0 };

describeOnEachStore('the reaper', (store) => {
  let domain: Domain;
  let worker: string;
  let run: ClaimedRun;
  let taskId: string;

  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker({ lostAfterMs: 120_000 });
    taskId = (await domain.submit({ backoff: atOnce })).id;
    const [claimed] = await domain.claim(worker);
    if (claimed === undefined) throw new Error('nothing to claim');
    run = claimed;
  });
  afterEach(() => domain.close());

  const heartbeat = async () =>
    (await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: run.epoch }] })).runs;
  /** Lets time pass as it does for a process that is awake: with passes in between. */
  const passAwake = async (ms: number) => {
    for (let left = ms; left > 0; left -= 20_000) {
      domain.pass(Math.min(left, 20_000));
      await domain.reaper.reap();
    }
  };

  it('puts a run back in line that its worker never showed to have', async () => {
    await passAwake(29_000);
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'running' });
    await passAwake(2_000);
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'queued', runCount: 1, workerName: null });
    const other = await domain.worker({ name: 'other' });
    expect(await domain.claim(other)).toMatchObject([{ runId: run.runId, attempt: 1, epoch: 2 }]);
    expect(await heartbeat()).toMatchObject([{ state: 'stale', cancel: true }]);
    await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease' });
  });

  it('leaves a run alone whose worker is heard from', async () => {
    for (let n = 0; n < 10; n++) {
      await heartbeat();
      await passAwake(40_000);
    }
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', runCount: 1 });
  });

  it('calls a silent worker unreachable, and takes it back while nobody else has the run', async () => {
    await heartbeat();
    await passAwake(leaseMs + 10_000);
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', reason: 'worker_unreachable' });
    expect(await heartbeat()).toMatchObject([{ state: 'held' }]);
    await passAwake(leaseMs - 10_000);
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', runCount: 1 });
  });

  it('gives the run of a lost worker to another one, and refuses what the first one says', async () => {
    await heartbeat();
    await passAwake(119_000);
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'running' });
    await passAwake(2_000);
    expect(await domain.runs.read(run.runId)).toMatchObject({
      status: 'failed',
      reason: 'worker_lost',
      exit: { outcome: 'worker_lost', message: 'worker-1 was silent for 121 s.' },
    });
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'queued', runCount: 2 });
    await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease', extra: { currentStatus: 'failed' } });
    expect(await heartbeat()).toMatchObject([{ state: 'stale' }]);
  });

  it('caps how long a worker may be away', async () => {
    const laptop = await domain.worker({ name: 'laptop', lostAfterMs: 86_400_000 });
    await domain.submit();
    const [held] = await domain.claim(laptop);
    await domain.leases.heartbeat(laptop, { held: [{ runId: held?.runId ?? '', epoch: 1 }] });
    await passAwake(901_000);
    expect(await domain.runs.read(held?.runId ?? '')).toMatchObject({ status: 'failed', reason: 'worker_lost' });
  });

  it('takes a run back that a worker was handed while it was removed, when the lease ends', async () => {
    await heartbeat();
    await domain.database.write((manager, afterCommit) => domain.workers.remove({ manager, afterCommit }, worker));
    await passAwake(leaseMs + 1_000);
    expect(await domain.runs.read(run.runId)).toMatchObject({
      reason: 'worker_lost',
      exit: { message: 'worker-1 was removed.' },
    });
  });

  it('cancels without confirmation when the worker stays silent, and fences it off', async () => {
    await heartbeat();
    await domain.tasks.cancel(taskId, 'somebody');
    await passAwake(leaseMs - 2_000);
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', reason: 'cancelling' });
    await passAwake(3_000);
    expect(await domain.tasks.read(taskId)).toMatchObject({
      status: 'cancelled',
      reason: 'unconfirmed',
      runCount: 1,
      currentRun: { confirmed: false, leaseEpoch: 2 },
    });
    await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease' });
  });

  it('blames no worker for the time that the orchestrator itself was away', async () => {
    await heartbeat();
    // A laptop that slept for an hour: one pass long ago, the next one now.
    domain.pass(3_600_000);
    await domain.reaper.reap();
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', reason: 'starting', runCount: 1 });
    // The same at the start of the process.
    domain.pass(3_600_000);
    await domain.reaper.refreshLeases();
    await domain.reaper.reap();
    expect(await domain.tasks.read(taskId)).toMatchObject({ status: 'running', runCount: 1 });
  });

  it('notices a lost worker, and hands out what waits, after the clock was set back', async () => {
    await heartbeat();
    const waiting = await domain.submit({});
    await passAwake(1_000);
    domain.setClock(-3_600_000);
    await passAwake(140_000);
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'failed', reason: 'worker_lost' });
    const other = await domain.worker({ name: 'other' });
    const claimed = [...(await domain.claim(other)), ...(await domain.claim(other))];
    expect(claimed.map((one) => one.taskId).sort()).toEqual([taskId, waiting.id].sort());
  });

  it('promotes what is due without a claim', async () => {
    const later = await domain.submit({ startAt: new Date(domain.clock.now + 10_000).toISOString() });
    await passAwake(9_000);
    expect((await domain.tasks.read(later.id)).status).toBe('scheduled');
    await passAwake(2_000);
    expect((await domain.tasks.read(later.id)).status).toBe('queued');
  });

  it('wakes claims for runs that the queue forgot', async () => {
    const waiting = domain.claims.claim(
      worker,
      { claimId: 'c0a8012e-0000-4000-8000-000000000001', free: 1, waitMs: 25_000 },
      new AbortController().signal,
    );
    // Put in line behind the back of the queue, as another orchestrator would.
    const task = await domain.submit({ startAt: new Date(domain.clock.now + 3_600_000).toISOString() });
    await domain.database.write(async (manager) => {
      await manager.query(
        `UPDATE runs SET status = 'queued', reason = NULL, ready_at = 0 WHERE task_id = '${task.id}'`,
      );
    });
    await domain.reaper.reconcile();
    expect(await waiting).toMatchObject([{ taskId: task.id }]);
  });

  it('tells viewers when a worker went silent', async () => {
    const idle = await domain.worker({ name: 'idle' });
    await domain.reaper.reap();
    const changed = jest.spyOn(domain.app.get(Changes), 'changed');
    await passAwake(leaseMs - 1_000);
    expect(changed).not.toHaveBeenCalledWith('worker', idle);
    await passAwake(2_000);
    expect(changed).toHaveBeenCalledWith('worker', idle);
  });

  it('forgets answers to old claims', async () => {
    const count = async () => {
      const [row] = await domain.database.read.query<{ count: string | number }[]>(
        'SELECT count(*) AS count FROM claims',
      );
      return Number(row?.count);
    };
    expect(await count()).toBe(1);
    await domain.reaper.sweep();
    expect(await count()).toBe(1);
    domain.pass(3_700_000);
    await domain.reaper.sweep();
    expect(await count()).toBe(0);
  });
});
