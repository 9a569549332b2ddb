import { describe, expect, it } from '@jest/globals';
import { lows, median, middles, pooledSlope, quantile } from './statistics.js';

describe('quantile', () => {
  it('takes the nearest rank', () => {
    expect(quantile([5, 1, 4, 2, 3], 0.95)).toBe(5);
    expect(quantile([1, 2, 3, 4], 0)).toBe(1);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([1, 2, 3, 4])).toBe(2);
  });
  it('is NaN of nothing', () => {
    expect(median([])).toBeNaN();
  });
});

describe('lows', () => {
  it('takes the lowest of each stretch', () => {
    const points = [5, 3, 9, 8, 7, 2].map((y, x) => ({ x, y }));
    expect(lows(points, 3).map(({ y }) => y)).toEqual([3, 2]);
    expect(lows([], 3)).toEqual([]);
  });
});

describe('middles', () => {
  it('takes the middle of each stretch', () => {
    const points = [5, 900, 3, 8, 7, 2].map((y, x) => ({ x, y }));
    expect(middles(points, 3)).toEqual([
      { x: 1, y: 5 },
      { x: 4, y: 7 },
    ]);
    expect(middles([], 3)).toEqual([]);
  });
});

describe('pooledSlope', () => {
  const line = (level: number, slope: number, from: number) =>
    [0, 1, 2, 3].map((step) => ({ x: from + step, y: level + slope * step }));

  it('is the slope of one line', () => {
    expect(pooledSlope([line(100, 2, 0)])).toBeCloseTo(2);
  });
  it('does not take a fresh start for a fall', () => {
    expect(pooledSlope([line(100, 2, 0), line(50, 2, 10), line(80, 2, 20)])).toBeCloseTo(2);
  });
  it('is NaN where nothing varies', () => {
    expect(pooledSlope([])).toBeNaN();
    expect(pooledSlope([[], [{ x: 1, y: 5 }]])).toBeNaN();
  });
});
