import { describe, expect, it } from '@jest/globals';
import { Shift } from './shift.js';

describe('Shift', () => {
  let clock = 0;
  const shift = (maxRuns?: number, exitIfIdleMs?: number) => new Shift({ maxRuns, exitIfIdleMs }, () => clock);

  it('has no end without limits', () => {
    const endless = shift();
    endless.answered(1000, 0);
    clock += 1e9;
    expect(endless.over(0)).toBeNull();
    expect(endless.room(4)).toBe(4);
    expect(endless.waitMs(25_000, 0)).toBe(25_000);
  });

  it('takes no more runs than it may', () => {
    const three = shift(3);
    expect(three.room(2)).toBe(2);
    three.answered(2, 2);
    expect(three.room(2)).toBe(1);
    expect(three.over(2)).toBeNull();
    three.answered(1, 3);
    expect(three.over(3)).toBe('It has taken its 3 runs.');
  });

  it('is over when nothing came for so long, counted from the end of the last run', () => {
    const idle = shift(undefined, 10_000);
    clock += 4_000;
    expect(idle.waitMs(25_000, 0)).toBe(6_000);
    idle.answered(1, 1);
    clock += 60_000;
    expect(idle.over(1)).toBeNull();
    clock += 9_999;
    idle.answered(0, 0);
    expect(idle.over(0)).toBeNull();
    clock += 1;
    expect(idle.over(0)).toBe('There was nothing to do.');
  });

  it('asks once even when it shall not wait at all', () => {
    const eager = shift(undefined, 0);
    expect(eager.waitMs(25_000, 0)).toBe(0);
    expect(eager.over(0)).toBeNull();
    eager.answered(0, 0);
    expect(eager.over(0)).not.toBeNull();
  });

  it('asks in no tight circle while it has runs', () => {
    const eager = shift(undefined, 0);
    eager.answered(1, 1);
    expect(eager.waitMs(25_000, 1)).toBe(1_000);
    expect(eager.waitMs(500, 1)).toBe(500);
    expect(shift(undefined, 10_000).waitMs(25_000, 1)).toBe(10_000);
  });
});
