import { expect, it } from '@jest/globals';
import { bundleBase } from './starts-from.js';

const [base, change, later] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

it.each([
  ['a commit of the remote', later, null, later],
  ['the change of another task, which the remote may not have', change, { commit: change, baseCommit: base }, base],
  ['a commit of the remote that goes on from that change', later, { commit: change, baseCommit: base }, later],
])('the bundle of a run that began at %s begins at one that the remote has', (_, began, startsFrom, expected) => {
  expect(bundleBase(began, startsFrom)).toBe(expected);
});
