import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';

const draws = (random: Random) => Array.from({ length: 1000 }, () => random.next());

describe('Random', () => {
  it('repeats itself for the same seed only', () => {
    expect(draws(new Random(7))).toEqual(draws(new Random(7)));
    expect(draws(new Random(7))).not.toEqual(draws(new Random(8)));
  });
  it('stays within its bounds', () => {
    const random = new Random(1);
    const whole = Array.from({ length: 1000 }, () => random.whole(2, 4));
    expect(new Set(whole)).toEqual(new Set([2, 3, 4]));
    expect(draws(random).every((value) => value >= 0 && value < 1)).toBe(true);
  });
  it('follows weights', () => {
    const random = new Random(1);
    const picks = Array.from({ length: 1000 }, () => random.weighted({ often: 9, seldom: 1, never: 0 }));
    expect(picks.filter((pick) => pick === 'seldom').length).toBeGreaterThan(50);
    expect(picks.filter((pick) => pick === 'often').length).toBeGreaterThan(800);
    expect(picks).not.toContain('never');
  });
});
