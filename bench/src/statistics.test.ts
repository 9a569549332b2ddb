import { describe, expect, it } from '@jest/globals';
import { median, quantile } from './statistics.js';

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
