import { describe, expect, it } from '@jest/globals';
import { limitError, readLimit, showLimit } from './limit-text.js';

describe('limits', () => {
  it.each([
    ['', null],
    ['  ', null],
    [' 12 ', 12],
    ['0', 0],
    ['-1', Number.NaN],
    ['1.5', Number.NaN],
    ['many', Number.NaN],
  ])('reads %j as %p', (text, expected) => {
    expect(readLimit(text)).toBe(expected);
  });

  it('are shown as they are typed', () => {
    expect([showLimit(null), showLimit(4)]).toEqual(['', '4']);
  });

  it('say what is wrong', () => {
    expect([null, 1, 100].map((limit) => limitError(limit, 100))).toEqual([undefined, undefined, undefined]);
    for (const limit of [0, 101, Number.NaN]) expect(limitError(limit, 100)).toMatch(/from 1 to 100, or empty/);
  });
});
