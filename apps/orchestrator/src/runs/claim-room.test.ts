import { describe, expect, it } from '@jest/globals';
import { ClaimRoom } from './claim-room.js';

const run = (pool: string, concurrencyKey: string | null = null, concurrencyLimit = 1) => ({
  pool,
  concurrencyKey,
  concurrencyLimit,
});
const nothing = { byKey: new Map<string, number>(), byPool: new Map<string, number>() };

describe('ClaimRoom', () => {
  it('is endless without limits', () => {
    const room = new ClaimRoom(nothing);
    expect(Array.from({ length: 50 }, () => room.take(run('a'), null, null))).not.toContain(false);
  });

  it('counts what works already, and what is taken', () => {
    const room = new ClaimRoom({ ...nothing, byPool: new Map([['a', 1]]) });
    expect([1, 2, 3].map(() => room.take(run('a'), 3, null))).toEqual([true, true, false]);
    expect(room.take(run('b'), 3, null)).toBe(true);
  });

  it('counts all pools together', () => {
    const byPool = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const room = new ClaimRoom({ ...nothing, byPool });
    expect(['a', 'c', 'b'].map((pool) => room.take(run(pool), null, 5))).toEqual([true, true, false]);
  });

  it('counts keys, whatever their pool, and each run by its own limit', () => {
    const room = new ClaimRoom({ ...nothing, byKey: new Map([['k', 1]]) });
    expect(room.take(run('a', 'k', 1), null, null)).toBe(false);
    expect(room.take(run('a', 'k', 2), null, null)).toBe(true);
    expect(room.take(run('b', 'k', 2), null, null)).toBe(false);
    expect(room.take(run('b', 'other'), null, null)).toBe(true);
  });

  it('takes no room for what is refused', () => {
    const room = new ClaimRoom({ ...nothing, byKey: new Map([['k', 1]]) });
    expect(room.take(run('a', 'k'), 1, null)).toBe(false);
    expect(room.take(run('a'), 1, null)).toBe(true);
  });

  it('takes the room of many at once, as far as it goes', () => {
    const room = new ClaimRoom({ byKey: new Map([['k', 1]]), byPool: new Map([['a', 2]]) });
    expect(room.takeMany(run('a', 'k', 4), 9, null, null)).toBe(3);
    expect(room.takeMany(run('a', 'k', 4), 1, null, null)).toBe(0);
    expect(room.takeMany(run('a'), 9, 7, null)).toBe(2);
    expect(room.takeMany(run('b'), 9, null, 10)).toBe(3);
    expect(room.takeMany(run('b'), 9, null, null)).toBe(9);
  });

  it('is none when a limit was lowered below what works', () => {
    const room = new ClaimRoom({ ...nothing, byPool: new Map([['a', 4]]) });
    expect(room.take(run('a'), 2, null)).toBe(false);
  });
});
