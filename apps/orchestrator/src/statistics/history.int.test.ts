import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { StatisticsGroup } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { hourMs } from './cells.js';
import { HistoryService } from './history.service.js';
import { StatisticsRepository } from './statistics.repository.js';

describeOnEachEngine('the history of runs', (kind) => {
  let domain: Domain;
  let history: HistoryService;
  let workerId: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    history = domain.app.get(HistoryService);
    workerId = await domain.worker();
    // In the middle of an hour, so that some minutes more are the same one.
    domain.pass(hourMs - (domain.clock.now % hourMs) + hourMs / 2);
  });
  afterEach(() => domain.close());

  const usage = { inputTokens: 1, outputTokens: 1, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 };
  const work = async (
    asked: Parameters<Domain['submit']>[0],
    outcome: 'succeeded' | 'checks_failed' | 'agent_failed',
  ) => {
    const task = await domain.submit({ repository: { url: 'https://github.com/acme/api' }, ...asked });
    domain.pass(1_000);
    const [run] = await domain.claim(workerId);
    if (run === undefined) throw new Error('nothing was claimed');
    domain.pass(60_000);
    const models = { opus: { ...usage, costUsd: 0.5 }, haiku: { ...usage, costUsd: 0.25 } };
    const result = { text: null, turns: 1, models, denials: [] };
    await domain.finish(run, { exit: { outcome }, costUsd: 0.75, result });
    return task;
  };
  const read = (groupBy: StatisticsGroup = 'repository', range: '24h' | '7d' = '24h') =>
    history.read({ range, step: undefined, groupBy });

  it('says how many ended, how long they waited and took, and what they cost', async () => {
    await work({}, 'succeeded');
    await work({ repository: { path: '/code/web', host: 'machine-1' } }, 'checks_failed');
    // Followed by another run by itself, which succeeds.
    await work({ retries: 1, backoff: { delayMs: 1000 } }, 'agent_failed');
    const { buckets, total, groups } = await read();
    expect(total).toMatchObject({ succeeded: 1, failed: 1, cancelled: 0, costUsd: '2.25' });
    expect(total.waitMs?.p50).toBeGreaterThan(900);
    expect(total.waitMs?.p50).toBeLessThan(1_100);
    expect(total.durationMs?.p95).toBeGreaterThan(55_000);
    expect(total.durationMs?.p95).toBeLessThan(65_000);
    expect(buckets.at(-1)).toMatchObject({ succeeded: 1, failed: 1 });
    expect(groups.map(({ key, succeeded, failed }) => [key, succeeded, failed])).toEqual([
      ['acme/api', 1, 0],
      ['web', 0, 1],
    ]);
    expect((await read('model')).groups.map(({ key, costUsd }) => [key, costUsd])).toEqual([
      ['haiku', '0.75'],
      ['opus', '1.50'],
    ]);
    expect((await read('reason')).groups.map(({ key }) => key)).toEqual([null, 'checks_failed', 'agent_error']);
  });

  it('is the same when hours were summed up, and stays when tasks are deleted', async () => {
    const task = await work({}, 'succeeded');
    await work({}, 'checks_failed');
    domain.pass(hourMs);
    await work({}, 'succeeded');
    domain.pass(hourMs);
    await work({}, 'succeeded');
    const before = await read('reason');
    await history.sumUp();
    await history.sumUp();
    const rows = await domain.app.get(StatisticsRepository).hours(domain.database.read, 0);
    expect(new Set(rows.map(({ hour }) => hour)).size).toBe(2);
    expect(await read('reason')).toEqual(before);
    await domain.tasks.delete(task.id);
    expect(await read('reason')).toEqual(before);
    expect((await read('repository', '7d')).buckets).toHaveLength(7);
  });

  it('leaves out what is long past and not summed up yet, and says so', async () => {
    await work({}, 'succeeded');
    domain.pass(5 * hourMs);
    await work({}, 'checks_failed');
    expect(await read()).toMatchObject({ isPartial: true, total: { succeeded: 0, failed: 1 } });
    await history.sumUp();
    expect(await read()).toMatchObject({ isPartial: false, total: { succeeded: 1, failed: 1 } });
  });

  it('comes with the numbers of now when a range is asked for', async () => {
    await work({}, 'succeeded');
    const headers = bearer(await domain.key('read'));
    const ask = (query: string) => domain.app.inject({ url: `/api/v1/statistics${query}`, headers });
    expect((await ask('')).json()).not.toHaveProperty('history');
    expect((await ask('?range=24h&groupBy=status')).json()).toMatchObject({
      today: { succeeded: 1 },
      history: { step: 'hour', groups: [{ key: 'succeeded', succeeded: 1 }] },
    });
    expect((await ask('?range=7h')).json()).toMatchObject({ status: 400, errors: [{ pointer: '/range' }] });
  });
});
