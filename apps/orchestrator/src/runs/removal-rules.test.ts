import { describe, expect, it } from '@jest/globals';
import { dayOf, extentByAge, extentBySize } from './removal-rules.js';

type Run = Parameters<typeof extentBySize>[0];

const commit = 'a'.repeat(40);
const delivered = { branch: 'corch/a', commit, pullRequest: null };
const run = (facts: Partial<Run> = {}): Run => ({
  transcriptBytes: 10,
  fileBytes: 10,
  executor: 'claude',
  status: 'succeeded',
  taskEndedAt: 1000,
  changeCommit: null,
  delivered: null,
  isFollowed: false,
  ...facts,
});

describe('extentByAge', () => {
  it.each([
    ['ended before', 1000, 1001, 'all'],
    ['ended just then', 1000, 1000, null],
    ['goes on', null, 5000, null],
  ])('a task that %s', (_, taskEndedAt, before, extent) => {
    expect(extentByAge({ taskEndedAt }, before)).toBe(extent);
  });
});

describe('extentBySize', () => {
  it.each<[string, Partial<Run>, ReturnType<typeof extentBySize>]>([
    ['a run without a change', {}, 'all'],
    ['of a task that goes on', { taskEndedAt: null }, null],
    ['a change that is nowhere else', { changeCommit: commit }, 'all_but_change'],
    ['one whose transcript is gone already', { changeCommit: commit, transcriptBytes: 0 }, null],
    ['a change that is delivered', { changeCommit: commit, delivered }, 'all'],
    ['a change on top of what is delivered', { changeCommit: 'b'.repeat(40), delivered }, 'all_but_change'],
    ['a change that a later run went on from, or made anew', { changeCommit: commit, isFollowed: true }, 'all'],
    ['a change that cannot be delivered', { changeCommit: commit, status: 'failed' }, 'all'],
    ['a run that delivers', { changeCommit: commit, executor: 'deliver' }, 'all'],
  ])('%s', (_, facts, extent) => {
    expect(extentBySize(run(facts))).toBe(extent);
  });
});

describe('dayOf', () => {
  it('is a day of the calendar', () => {
    expect(dayOf(Date.UTC(2026, 10, 30, 23, 59))).toBe('2026-11-30');
  });
});
