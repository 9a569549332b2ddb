import { expect, it } from '@jest/globals';
import { median } from './median.js';

it.each([
  [[], null],
  [[7], 7],
  [[8, 2], 2],
  [[100, 4, 9], 9],
])('the median of %j is %j', (values, expected) => {
  expect(median(values)).toBe(expected);
});
