import { expect, it } from '@jest/globals';
import { Pace } from './pace.js';

it('lets each thing through once in its time', () => {
  let now = 0;
  const pace = new Pace(1000, () => now);
  expect([pace.lets('a'), pace.lets('a'), pace.lets('b')]).toEqual([true, false, true]);
  now = 999;
  expect(pace.lets('a')).toBe(false);
  now = 1000;
  expect(pace.lets('a')).toBe(true);
});

it('forgets the oldest when it has seen many', () => {
  const pace = new Pace(1000, () => 0);
  for (let n = 0; n < 201; n++) expect(pace.lets(String(n))).toBe(true);
  expect(pace.lets('200')).toBe(false);
  expect(pace.lets('0')).toBe(true);
});
