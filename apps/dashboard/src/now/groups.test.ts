import { describe, expect, it } from '@jest/globals';
import { parseFilter, type TaskPage } from '@corch/contract';
import { makeRun, makeTask } from '../testing/make.js';
import { groups, heldLists, type Lists } from './groups.js';

const page = (...numbers: number[]): TaskPage => ({
  data: numbers.map((n) => makeTask(n, makeRun(n))),
  hasMore: false,
  nextCursor: null,
  total: { value: numbers.length, relation: 'eq' },
});
const lists = (part: Partial<Lists>): Lists => ({
  asking: page(),
  failed: page(),
  review: page(),
  working: page(),
  queued: page(),
  done: page(),
  ...part,
});
const numbers = (page: TaskPage | undefined) => page?.data.map(({ id }) => Number(id.slice(-3)));

describe('the groups', () => {
  it('are valid filters', () => {
    for (const { filter } of groups) expect(parseFilter(filter).errors).toEqual([]);
  });
});

describe('heldLists', () => {
  it('keeps every task where the reader saw it, as it is now', () => {
    const seen = lists({ working: page(1, 2), queued: page(3) });
    const now = lists({ working: page(3, 2), failed: page(1) });
    now.failed?.data.forEach((task) => Object.assign(task, { title: 'Broke' }));
    const { lists: held, moved } = heldLists(seen, now);
    expect(numbers(held.working)).toEqual([1, 2]);
    expect(held.working?.data[0]?.title).toBe('Broke');
    expect(numbers(held.queued)).toEqual([3]);
    expect(numbers(held.failed)).toEqual([]);
    expect(moved).toBe(2);
  });

  it('counts what came and what went', () => {
    expect(heldLists(lists({ queued: page(1) }), lists({ queued: page(1, 2) })).moved).toBe(1);
    expect(heldLists(lists({ queued: page(1, 2) }), lists({ queued: page(1) })).moved).toBe(1);
    expect(heldLists(lists({ queued: page(1) }), lists({ queued: page(1) })).moved).toBe(0);
  });
});
