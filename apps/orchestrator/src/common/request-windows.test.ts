import { beforeEach, describe, expect, it } from '@jest/globals';
import { RequestWindows } from './request-windows.js';

describe('RequestWindows', () => {
  let now: number;
  let windows: RequestWindows;
  beforeEach(() => {
    now = 0;
    windows = new RequestWindows({}, () => now);
  });

  const count = (key: string, store = windows) => {
    const seen: { current: number; ttl: number }[] = [];
    store.incr(key, (_, result) => void (result && seen.push(result)), 60_000);
    return seen[0];
  };

  it('counts each caller until its window ends', () => {
    expect(count('a')).toEqual({ current: 1, ttl: 60_000 });
    now = 59_999;
    expect(count('a')).toEqual({ current: 2, ttl: 1 });
    expect(count('b')).toEqual({ current: 1, ttl: 60_000 });
    now = 60_000;
    expect(count('a')).toEqual({ current: 1, ttl: 60_000 });
  });

  it('keeps what it counts for different routes apart', () => {
    count('a');
    expect(count('a', windows.child())).toMatchObject({ current: 1 });
  });

  it('forgets first who asked least lately', () => {
    for (let n = 0; n < 5_000; n++) count(`${n}`);
    count('0');
    count('new');
    expect(count('0')).toMatchObject({ current: 3 });
    expect(count('1')).toMatchObject({ current: 1 });
  });
});
