import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ClaimedRun, TaskDetail } from '@corch/contract';
import { Health } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { PromotionService } from './promotion.service.js';

const hourMs = 3_600_000;
const minute = { type: 'fixed' as const, delayMs: 60_000, maxMs: 60_000 };

describeOnEachEngine('a clock that is set', (kind) => {
  let domain: Domain;
  let worker: string;
  let run: ClaimedRun;
  let held: TaskDetail;
  let pausing: TaskDetail;
  let queued: TaskDetail[];
  let later: TaskDetail;

  const claimOne = async (by = worker) => {
    const [claimed] = await domain.claim(by);
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  };
  const heartbeat = () => domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: run.epoch }] });
  const read = ({ id }: TaskDetail) => domain.tasks.read(id);
  const readyInMs = async (task: TaskDetail) => Date.parse((await read(task)).currentRun.readyAt) - domain.clock.now;
  /** Lets time pass as it does for a process that is awake. */
  const passAwake = async (ms: number, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    for (let left = ms; left > 0; left -= 10_000) {
      domain.pass(Math.min(left, 10_000));
      await meanwhile();
      await domain.reaper.reap();
    }
  };
  const logged = () =>
    domain.log.filter(({ level }) => level !== 'debug').map(({ level, sentence }) => [level, sentence]);

  /** One run that works, one that pauses before its next attempt, two in line behind a low one, and one for later. */
  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker({ lostAfterMs: 120_000 });
    pausing = await domain.submit({ retries: 1, backoff: minute });
    await domain.finish(await claimOne(), { exit: { outcome: 'agent_failed', code: 1 } });
    held = await domain.submit();
    run = await claimOne();
    await heartbeat();
    const low = await domain.submit({ priority: -30 });
    domain.pass(5_000);
    queued = [await domain.submit(), low];
    later = await domain.submit({ startAt: new Date(domain.clock.now + 2 * hourMs).toISOString() });
    await domain.reaper.reap();
    domain.log.length = 0;
  });
  afterEach(() => domain.close());

  it.each([
    ['forward', 3 * hourMs],
    ['back', -3 * hourMs],
  ])('%s costs no lease, no place in line and no pause', async (_, jumpMs) => {
    const before = await readyInMs(pausing);
    const age = await readyInMs(queued[0] ?? held);
    domain.pass(2_000);
    domain.setClock(jumpMs);
    // What was submitted by the new time already stays behind what was there.
    const last = await domain.submit({ priority: -35 });
    domain.log.length = 0;
    await domain.reaper.reap();
    expect(await read(held)).toMatchObject({ status: 'running', reason: 'starting', runCount: 1 });
    expect(await readyInMs(pausing)).toBeGreaterThan(0);
    if (jumpMs < 0) expect(await readyInMs(pausing)).toBe(before - 2_000);
    expect(await readyInMs(queued[0] ?? held)).toBe(age - 2_000);
    expect(await readyInMs(last)).toBe(0);
    expect((await read(later)).status).toBe(jumpMs > 0 ? 'queued' : 'scheduled');
    expect(logged()).toEqual([['warn', 'clock jumped, leases and queue follow it']]);
    expect(domain.log).toContainEqual(
      expect.objectContaining({ seconds: jumpMs / 1000, runs: 1, queued: 2, pauses: 1 }),
    );
    expect(Health.parse((await domain.app.inject({ url: '/health' })).json()).checks).toMatchObject({
      queue: { ok: true },
      claims: { ok: true },
    });

    // What was to start an hour ago goes first: that was meant by the clock on the wall.
    const expected = [...(jumpMs > 0 ? [later] : []), ...queued, last];
    const order = [];
    while (order.length < expected.length) order.push((await claimOne()).taskId);
    expect(order).toEqual(expected.map(({ id }) => id));
    await passAwake(70_000, heartbeat);
    expect((await read(pausing)).status).toBe('queued');
    expect(await read(held)).toMatchObject({ status: 'running', runCount: 1 });
  });

  it('back lets nobody look alive who is not, and a lost worker be noticed in time', async () => {
    await passAwake(10_000);
    domain.setClock(-3 * hourMs);
    await domain.reaper.reap();
    await passAwake(70_000);
    expect(await domain.workers.list()).toMatchObject([{ name: 'worker-1', state: 'offline' }]);
    expect(await read(held)).toMatchObject({ status: 'running', reason: 'worker_unreachable' });
    await passAwake(60_000);
    expect((await read(held)).runCount).toBe(2);
  });

  it('hands no run back whose claim was under way', async () => {
    const fresh = await domain.submit({ priority: 1000 });
    await claimOne();
    domain.setClock(hourMs);
    await domain.reaper.reap();
    expect((await read(fresh)).status).toBe('running');
    expect(await domain.reaper.reconcileNow()).toMatchObject({ reaped: 0 });
  });

  it.each([
    ['forward', 3 * hourMs],
    ['back', -3 * hourMs],
  ])('%s in the middle of a pass, after it was looked at, takes no run from anybody', async (_, jumpMs) => {
    const fresh = await domain.submit({ priority: 1000 });
    const claimed = await claimOne();
    const promotion = domain.app.get(PromotionService);
    const promoteDue = promotion.promoteDue.bind(promotion);
    jest.spyOn(promotion, 'promoteDue').mockImplementationOnce(async () => {
      domain.setClock(jumpMs);
      if (jumpMs < 0) await heartbeat();
      return promoteDue();
    });
    for (let pass = 0; pass < 3; pass++) {
      await domain.reaper.reap();
      expect(await read(held)).toMatchObject({ status: 'running', runCount: 1, currentRun: { leaseEpoch: 1 } });
      expect(await read(fresh)).toMatchObject({ status: 'running', currentRun: { leaseEpoch: claimed.epoch } });
    }
  });

  it('is noticed by a reconcile, too, and only once', async () => {
    domain.setClock(hourMs);
    await Promise.all([domain.reaper.reconcileNow(), domain.reaper.reap()]);
    await domain.reaper.reap();
    expect((await read(held)).runCount).toBe(1);
    expect(logged()).toEqual([['warn', 'clock jumped, leases and queue follow it']]);
  });

  it('back while the orchestrator was down is noticed at its start', async () => {
    domain.setClock(-3 * hourMs);
    await domain.reaper.refreshLeases();
    expect(await readyInMs(queued[0] ?? held)).toBeLessThanOrEqual(0);
    expect(await readyInMs(pausing)).toBeLessThanOrEqual(60_000);
    await passAwake(70_000);
    expect(await domain.workers.list()).toMatchObject([{ state: 'offline' }]);
  });

  it('by little is nothing to mend', async () => {
    for (const ms of [20_000, -25_000]) {
      domain.setClock(ms);
      await domain.reaper.reap();
    }
    expect(logged()).toEqual([]);
  });

  it('is told from a database that took nothing for a while, which costs no lease either', async () => {
    await passAwake(50_000);
    domain.database.outage.failed(performance.now() - 100_000);
    await passAwake(10_000);
    expect(logged()).toEqual([['info', 'leases refreshed']]);
    await passAwake(50_000);
    expect(await read(held)).toMatchObject({ status: 'running', reason: 'starting' });
    await passAwake(80_000);
    expect((await read(held)).runCount).toBe(2);
  });
});
