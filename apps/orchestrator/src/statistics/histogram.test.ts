import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { merge, note, quantile, type Histogram } from './histogram.js';

const of = (values: readonly number[]) => {
  const histogram: Histogram = {};
  for (const value of values) note(histogram, value);
  return histogram;
};

describe('a histogram', () => {
  it('knows quantiles to about 5 %, also of parts that were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1 }), fc.nat(99), (values, cut) => {
        const whole = of(values.slice(0, cut));
        merge(whole, of(values.slice(cut)));
        for (const share of [0.5, 0.95]) {
          const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? NaN;
          const found = quantile(whole, share) ?? NaN;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.06 * exact + 1);
        }
      }),
    );
  });

  it('knows nothing of nothing', () => {
    expect(quantile({}, 0.5)).toBeNull();
    expect(quantile(of([-5]), 0.5)).toBe(0);
  });
});
