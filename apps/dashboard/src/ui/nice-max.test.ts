import { describe, expect, it } from '@jest/globals';
import { niceMax } from './nice-max.js';

describe('niceMax', () => {
  it('is a round number not below the value', () => {
    expect([0, 0.03, 1, 3, 7, 10, 11, 240].map(niceMax)).toEqual([1, 0.05, 1, 5, 10, 10, 20, 500]);
  });
});
