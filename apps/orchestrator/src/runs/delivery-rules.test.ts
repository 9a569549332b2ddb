import { describe, expect, it } from '@jest/globals';
import { deliveryAfter, followedChange, mayDeliver } from './delivery-rules.js';

const [base, first, second] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const delivered = { branch: 'x', commit: first, pullRequest: { number: 7, url: 'https://git.test/7' } };

describe('mayDeliver', () => {
  const run = { status: 'succeeded', cancelRequestedAt: null, deliveryMode: 'pr' } as const;
  it.each([
    ['a success', run, true],
    ['one that nobody wants delivered', { ...run, deliveryMode: null }, false],
    ['a failure', { ...run, status: 'failed' as const }, false],
    ['one that was cancelled meanwhile', { ...run, cancelRequestedAt: 1 }, false],
  ])('after %s', (_, ended, expected) => {
    expect(mayDeliver(ended)).toBe(expected);
  });
});

describe('deliveryAfter', () => {
  it.each([
    ['a first change', 'pr', first, null, 'pr'],
    ['a further one', 'pr', second, delivered, 'pr'],
    ['one whose pull request is missing', 'pr', first, { ...delivered, pullRequest: null }, 'pr'],
    ['no further one', 'pr', first, delivered, 'delivered'],
    ['no change', 'pr', null, null, 'nothing'],
    ['a pushed one', 'branch', first, { ...delivered, pullRequest: null }, 'delivered'],
  ] as const)('after %s', (_, mode, commit, known, expected) => {
    expect(deliveryAfter(mode, commit, known)).toBe(expected);
  });
});

describe('followedChange', () => {
  const run = (id: string, continuesRunId: string | null) => ({ id, continuesRunId, baseCommit: base });
  const results = [
    { runId: 'one', changeCommit: first },
    { runId: 'three', changeCommit: second },
  ];
  it('is that of the run that is gone on with, or of one before it', () => {
    const runs = [run('one', null), run('two', 'one'), run('three', 'two')];
    const found = { sourceRunId: 'one', baseCommit: base, commit: first };
    expect(followedChange(run('two', 'one'), runs, results, first)).toEqual(found);
    expect(followedChange(run('four', 'three'), runs, results, first)).toEqual(found);
    expect(followedChange(run('four', 'three'), runs, results, second)).toMatchObject({ sourceRunId: 'three' });
  });

  it('is none of a run that began anew, or goes on from one that did, or from another task', () => {
    const runs = [run('one', null), run('two', null), run('three', 'two')];
    expect(followedChange(run('two', null), runs, results, first)).toBeNull();
    expect(followedChange(run('four', 'three'), runs, results, first)).toBeNull();
    expect(followedChange(run('four', 'elsewhere'), runs, results, first)).toBeNull();
  });
});
