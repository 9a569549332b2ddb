import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeOnEachStore } from '../testing/stores.js';
import type { Domain } from '../testing/domain.js';

const byDefault = {
  ...{ maxRunning: null, keepTasksDays: null, keepTranscriptsDays: null, maxStoredMb: null },
  approvalWaitSeconds: 600,
};

describeOnEachStore('limits of pools and of everything', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker({ pools: ['default', 'gpu'] });
  });
  afterEach(() => domain.close());

  const submit = async (many: number, pool = 'default') => {
    for (let n = 0; n < many; n++) await domain.submit({ pool });
  };
  const why = async (taskId: string) => {
    const { reason, reasonText, ahead } = await domain.tasks.explain(taskId);
    return { reason, reasonText, ahead };
  };

  /** As long steps would pass for the orchestrator's own absence. */
  const passWatched = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      domain.pass(Math.min(left, 10_000));
      await domain.reaper.reap();
    }
  };

  it('are shown with their pool, and kept until they are changed', async () => {
    expect(await domain.workers.pools()).toMatchObject([
      { name: 'default', paused: false, concurrency: null, lostAfterCapSeconds: null, workersOnline: 1 },
      { name: 'gpu' },
    ]);
    const edited = await domain.workers.editPool('gpu', { concurrency: 2, lostAfterCapSeconds: 120 });
    expect(edited).toMatchObject({ name: 'gpu', concurrency: 2, lostAfterCapSeconds: 120, paused: false });
    expect(await domain.workers.editPool('gpu', { paused: true })).toMatchObject({ concurrency: 2, paused: true });
    expect(await domain.workers.editPool('gpu', { concurrency: null })).toMatchObject({ concurrency: null });
    await expect(domain.workers.editPool('nowhere', { paused: true })).rejects.toMatchObject({
      code: 'pool_not_found',
    });
  });

  it('hold back what is beyond, say so, and let it go when there is room', async () => {
    await submit(3);
    const last = await domain.submit();
    await domain.workers.editPool('default', { concurrency: 2 });
    const [first, second] = await domain.claim(worker, 10);
    expect(second).toBeDefined();
    expect(await domain.claim(worker, 10)).toEqual([]);
    expect(await why(last.id)).toEqual({
      reason: 'pool_limit',
      reasonText: 'In the pool `default`, 2 of at most 2 runs work at once; 1 ahead of it.',
      ahead: 1,
    });
    if (first !== undefined) await domain.finish(first);
    expect(await domain.claim(worker, 10)).toHaveLength(1);
    await domain.workers.editPool('default', { concurrency: null });
    expect(await domain.claim(worker, 10)).toHaveLength(1);
  });

  it('of one pool leave the others alone', async () => {
    await submit(3);
    await submit(3, 'gpu');
    await domain.workers.editPool('default', { concurrency: 1 });
    const pools = (await domain.claim(worker, 10)).map(({ spec }) => spec);
    expect(pools).toHaveLength(4);
  });

  it('of everything count all pools together', async () => {
    await submit(3);
    await submit(3, 'gpu');
    expect(await domain.settings.read()).toEqual(byDefault);
    expect(await domain.settings.edit({ maxRunning: 4 }, 'tester')).toMatchObject({
      maxRunning: 4,
      keepTasksDays: null,
    });
    expect(await domain.claim(worker, 10)).toHaveLength(4);
    expect(await domain.claim(worker, 10)).toEqual([]);
    const [waiting] = (await domain.tasks.list({ status: ['queued'], sort: '-createdAt', limit: 1 }, 'tester')).data;
    expect(await why(waiting?.id ?? '')).toMatchObject({
      reason: 'total_limit',
      reasonText: 'In all pools together, 4 of at most 4 runs work at once; 1 ahead of it.',
    });
    await domain.settings.edit({ maxRunning: null }, 'tester');
    expect(await domain.claim(worker, 10)).toHaveLength(2);
  });

  it('that are lowered end nothing', async () => {
    await submit(4);
    const held = await domain.claim(worker, 3);
    await domain.workers.editPool('default', { concurrency: 1 });
    expect(await domain.claim(worker, 3)).toEqual([]);
    for (const run of held.slice(0, 2)) await domain.finish(run);
    expect(await domain.claim(worker, 3)).toEqual([]);
    for (const run of held.slice(2)) await domain.finish(run);
    expect(await domain.claim(worker, 3)).toHaveLength(1);
  });

  it('are never exceeded, whoever claims and whatever is set at the same time', async () => {
    await Promise.all([submit(20), submit(20, 'gpu')]);
    await domain.workers.editPool('gpu', { concurrency: 2 });
    await domain.settings.edit({ maxRunning: 5 }, 'tester');
    const workers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => domain.worker({ name: `w${n}`, pools: ['default', 'gpu'] })),
    );
    let [finished, mostInPool, most] = [0, 0, 0];
    await Promise.all(
      workers.map(async (id) => {
        while (finished < 40) {
          for (const run of await domain.claim(id, 3)) {
            const running = await domain.workers.runningByPool(domain.database.read);
            mostInPool = Math.max(mostInPool, running.get('gpu') ?? 0);
            most = Math.max(
              most,
              [...running.values()].reduce((sum, count) => sum + count, 0),
            );
            await domain.finish(run);
            finished++;
            // The same values again: who sets them must not let anybody slip through.
            if (finished % 5 === 0) await domain.workers.editPool('gpu', { concurrency: 2 });
          }
        }
      }),
    );
    expect(finished).toBe(40);
    expect(mostInPool).toBeLessThanOrEqual(2);
    expect(most).toBeLessThanOrEqual(5);
  });

  it('let nothing slip through while they are set', async () => {
    await submit(30);
    const workers = await Promise.all(Array.from({ length: 6 }, (_, n) => domain.worker({ name: `w${n}` })));
    const claims = workers.map(async (id) => {
      for (let n = 0; n < 4; n++) await domain.claim(id, 1);
    });
    await domain.workers.editPool('default', { concurrency: 1 });
    const count = async () => (await domain.workers.runningByPool(domain.database.read)).get('default') ?? 0;
    const atAnswer = await count();
    await Promise.all(claims);
    expect(await count()).toBeLessThanOrEqual(Math.max(1, atAnswer));
  });

  it('say how long workers may be away, to them and to the reaper', async () => {
    await domain.workers.editPool('gpu', { lostAfterCapSeconds: 70 });
    const both = { lostAfterMs: 120_000, pools: ['default', 'gpu'] };
    expect(await domain.workers.handOverMs(both)).toBe(70_000);
    expect(await domain.workers.handOverMs({ ...both, pools: ['default'] })).toBe(120_000);
    expect(await domain.workers.handOverMs({ ...both, lostAfterMs: 1000 })).toBe(60_000);
    const [strict, lax] = [
      await domain.worker({ name: 'strict', ...both, pools: ['gpu'] }),
      await domain.worker({ name: 'lax', ...both }),
    ];
    await domain.submit({ pool: 'gpu' });
    await domain.submit();
    const runs = [...(await domain.claim(strict)), ...(await domain.claim(lax))];
    for (const [id, run] of [
      [strict, runs[0]],
      [lax, runs[1]],
    ] as const) {
      if (run === undefined) throw new Error('nothing to claim');
      await domain.leases.heartbeat(id, { held: [{ runId: run.runId, epoch: run.epoch }] });
    }
    const reasons = () => Promise.all(runs.map(async ({ runId }) => (await domain.runs.read(runId)).reason));
    domain.pass(71_000);
    await domain.reaper.reap();
    expect(await reasons()).toEqual(['worker_lost', 'worker_unreachable']);
    domain.pass(50_000);
    await domain.reaper.reap();
    expect(await reasons()).toEqual(['worker_lost', 'worker_lost']);
  });

  it('that are lowered for silent workers count once a worker has heard of it', async () => {
    const id = await domain.worker({ name: 'gpu-1', lostAfterMs: 300_000, pools: ['gpu'] });
    await domain.submit({ pool: 'gpu' });
    const [run] = await domain.claim(id);
    if (run === undefined) throw new Error('nothing to claim');
    const held = [{ runId: run.runId, epoch: run.epoch }];
    const isLost = async () => (await domain.runs.read(run.runId)).status !== 'running';
    expect((await domain.leases.heartbeat(id, { held })).handOverMs).toBe(300_000);
    await domain.workers.editPool('gpu', { lostAfterCapSeconds: 90 });
    // The answer to this one may be lost on its way.
    expect((await domain.leases.heartbeat(id, { held })).handOverMs).toBe(90_000);
    await passWatched(200_000);
    expect(await isLost()).toBe(false);
    await domain.leases.heartbeat(id, { held, handOverMs: 90_000 });
    await passWatched(91_000);
    expect(await isLost()).toBe(true);
  });
});
