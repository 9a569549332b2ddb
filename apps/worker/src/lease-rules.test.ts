import { describe, expect, it } from '@jest/globals';
import { askMs, handOverOf, hasSlept, isSurelyHeld, judgeLease } from './lease-rules.js';

const intervals = { heartbeatMs: 0, leaseMs: 60_000, claimWaitMs: 0, appendMs: 0, appendBytes: 0, checkpointMs: 0 };

describe('handOverOf', () => {
  it.each([
    ['what the orchestrator says', { handOverMs: 90_000, unackedMs: 30_000 }, 120_000, [90_000, 30_000]],
    ['a claim is never older than a lease', { handOverMs: 20_000, unackedMs: 30_000 }, 120_000, [20_000, 20_000]],
    ['an older orchestrator', {}, 120_000, [120_000, 120_000]],
    ['a lease outlives a short absence', {}, 1000, [60_000, 60_000]],
  ])('%s', (_, told, lostAfterMs, [renewedMs, unackedMs]) => {
    expect(handOverOf({ ...intervals, ...told }, lostAfterMs)).toEqual({ renewedMs, unackedMs });
  });
});

describe('judgeLease', () => {
  const handOver = { renewedMs: 120_000, unackedMs: 30_000 };
  const held = { renewedAt: 1000, askedAt: 1000, isAcknowledged: true };
  const claimed = { renewedAt: 1000, askedAt: 900, isAcknowledged: false };
  it.each([
    ['fresh', held, 2000, null, 'hold'],
    ['expired is not lost', held, 100_000, null, 'hold'],
    ['a tenth before the end', held, 1000 + 107_999, null, 'hold'],
    ['at the margin', held, 1000 + 108_000, null, 'fence'],
    ['a claim that nobody acknowledged', claimed, 1000 + 27_000, null, 'fence'],
    ['just before that', claimed, 1000 + 26_999, null, 'hold'],
    ['after a sleep the orchestrator is asked', held, 700_000, 699_000, 'ask'],
    ['and not waited for long', held, 700_000 + askMs, 700_000, 'fence'],
    ['a sleep that was short changes nothing', held, 50_000, 49_000, 'hold'],
  ] as const)('%s', (_, lease, now, wokeAt, expected) => {
    expect(judgeLease(lease, handOver, now, wokeAt)).toBe(expected);
  });
  it.each([
    [10_000, 8000],
    [1000, 800],
  ])('of a window of %d ms four fifths remain', (renewedMs, end) => {
    const short = { renewedMs, unackedMs: renewedMs };
    const lease = { renewedAt: 0, askedAt: 0, isAcknowledged: true };
    expect([end - 1, end].map((now) => judgeLease(lease, short, now, null))).toEqual(['hold', 'fence']);
  });
});

describe('hasSlept', () => {
  const before = { boot: 10_000, wall: 1_000_000 };
  it.each([
    ['on time', { boot: 11_000, wall: 1_001_000 }, false],
    ['a busy machine', { boot: 14_900, wall: 1_004_900 }, false],
    ['both clocks went on', { boot: 610_000, wall: 1_600_000 }, true],
    ['only the wall clock did', { boot: 11_000, wall: 1_600_000 }, true],
    ['the wall clock was set back', { boot: 11_000, wall: 0 }, false],
  ])('%s', (_, now, expected) => {
    expect(hasSlept(before, now, 1000)).toBe(expected);
  });
});

describe('isSurelyHeld', () => {
  const handOver = { renewedMs: 120_000, unackedMs: 30_000 };
  it.each([
    ['a claim, answered at once', { askedAt: 1000, renewedAt: 1010, isAcknowledged: false }, 1020, true],
    [
      'a claim that waited long: its answer may be old',
      { askedAt: 0, renewedAt: 27_010, isAcknowledged: false },
      27_010,
      false,
    ],
    ['what a heartbeat confirmed since', { askedAt: 27_010, renewedAt: 27_010, isAcknowledged: true }, 27_020, true],
    ['a heartbeat of long ago', { askedAt: 0, renewedAt: 0, isAcknowledged: true }, 108_000, false],
  ])('%s', (_, lease, now, expected) => {
    expect(isSurelyHeld(lease, handOver, now)).toBe(expected);
  });
});
