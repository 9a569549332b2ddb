import { describe, expect, it } from '@jest/globals';
import { beginOf, Cells, hourMs, toHistory, type EndedRun } from './cells.js';

const now = Date.UTC(2026, 10, 29, 22, 30);
const run = (given: Partial<EndedRun>): EndedRun => ({
  repo: 'acme/api',
  status: 'succeeded',
  reason: null,
  demo: false,
  endedAt: now,
  waitMs: 1000,
  durationMs: 60_000,
  costMicros: 1_500_000,
  models: { sonnet: { costUsd: 1 }, haiku: { costUsd: 0.5 } },
  isFollowed: false,
  ...given,
});
const history = (runs: readonly EndedRun[], wish: Partial<Parameters<typeof toHistory>[0]> = {}, at = now) => {
  const cells = new Cells();
  for (const one of runs) cells.add(one);
  return toHistory({ range: '24h', step: 'hour', groupBy: 'repository', ...wish }, cells.all(), at);
};

describe('the history', () => {
  it('has every step of its range, with the one that is not over as the last', () => {
    const { buckets, from, to } = history([
      run({}),
      run({ endedAt: now - hourMs, status: 'failed', reason: 'checks_failed' }),
    ]);
    expect([from, to]).toEqual(['2026-11-28T23:00:00.000Z', '2026-11-29T22:30:00.000Z']);
    expect(buckets).toHaveLength(24);
    expect(buckets.at(-1)).toMatchObject({ at: '2026-11-29T22:00:00.000Z', succeeded: 1, failed: 0, costUsd: '1.50' });
    expect(buckets.at(-2)).toMatchObject({ succeeded: 0, failed: 1 });
    expect(buckets[0]).toEqual({
      ...{
        at: from,
        succeeded: 0,
        failed: 0,
        timedOut: 0,
        cancelled: 0,
        costUsd: '0.00',
        waitMs: null,
        durationMs: null,
      },
    });
    expect(history([], { range: '7d', step: 'day' }).buckets).toHaveLength(7);
    expect(history([], { range: '7d', step: 'hour' }).buckets).toHaveLength(168);
  });

  it('has the step that begins at this moment', () => {
    const at = Date.UTC(2026, 10, 29, 22);
    const { buckets, total } = history([run({ endedAt: at })], {}, at);
    expect(buckets).toHaveLength(24);
    expect(buckets.at(-1)).toMatchObject({ at: '2026-11-29T22:00:00.000Z', succeeded: 1 });
    expect(total.succeeded).toBe(1);
  });

  it('leaves out what was before', () => {
    const before = beginOf({ range: '24h', step: 'hour' }, now) - 1;
    expect(history([run({ endedAt: before })]).total.succeeded).toBe(0);
  });

  it('counts a run that was followed by itself for its cost alone, and one on the scripted model for its end alone', () => {
    const { total } = history([
      run({ isFollowed: true, status: 'failed', reason: 'worker_lost' }),
      run({ demo: true }),
    ]);
    expect(total).toMatchObject({ succeeded: 1, failed: 0, costUsd: '1.50' });
  });

  it('groups by repository, reason, status and model, the largest first', () => {
    const runs = [
      run({}),
      run({ repo: null }),
      run({ status: 'failed', reason: 'checks_failed', models: {} }),
      run({}),
    ];
    const keys = (groupBy: 'repository' | 'reason' | 'status' | 'model') =>
      history(runs, { groupBy }).groups.map(({ key, succeeded, failed, costUsd }) => [key, succeeded, failed, costUsd]);
    expect(keys('repository')).toEqual([
      ['acme/api', 2, 1, '4.50'],
      [null, 1, 0, '1.50'],
    ]);
    expect(keys('reason')).toEqual([
      [null, 3, 0, '4.50'],
      ['checks_failed', 0, 1, '1.50'],
    ]);
    expect(keys('status').map(([key]) => key)).toEqual(['succeeded', 'failed']);
    expect(keys('model')).toEqual([
      ['haiku', 3, 0, '1.50'],
      ['sonnet', 3, 0, '3.00'],
    ]);
  });

  it('shows 50 groups and says how many more there are', () => {
    const many = Array.from({ length: 60 }, (_, n) => run({ repo: `acme/${n}` }));
    expect(history(many)).toMatchObject({ groupsLeft: 10 });
    expect(history(many).groups).toHaveLength(50);
  });
});
