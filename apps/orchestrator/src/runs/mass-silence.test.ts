import { describe, expect, it } from '@jest/globals';
import { fellSilentTogether } from './mass-silence.js';

const leaseMs = 60_000;
const silent = (...since: number[]) => since.map((at, index) => ({ workerId: `w${index}`, since: at }));
const together = (since: number[], holders: number) =>
  fellSilentTogether(silent(...since), holders, leaseMs).map(({ workerId }) => workerId);

describe('fellSilentTogether', () => {
  it.each([
    ['nobody is silent', [], 5, []],
    ['one of three', [0], 3, []],
    ['two of two', [0, 10], 2, []],
    ['two of three', [0, 10], 3, ['w0', 'w1']],
    ['half of four', [0, 10], 4, []],
    ['three of four, a lease apart', [0, 30_000, 60_000], 4, ['w0', 'w1', 'w2']],
    ['three of four, over more than a lease', [0, 30_000, 60_001], 4, []],
    ['three of five, and one long before', [-500_000, 0, 1, 2], 5, ['w1', 'w2', 'w3']],
    ['most of many, one after the other', [0, 50_000, 100_000, 150_000], 5, []],
  ])('%s', (_, since, holders, expected) => {
    expect(together(since, holders)).toEqual(expected);
  });

  it('does not depend on the order', () => {
    const silences = silent(30, 10, 20);
    expect(fellSilentTogether(silences, 3, leaseMs)).toEqual(fellSilentTogether([...silences].reverse(), 3, leaseMs));
  });
});
