import { describe, expect, it } from '@jest/globals';
import type { Task, TaskPage } from '@corch/contract';
import { ago, makeRun, makeTask } from '../testing/make.js';
import { dropRows, mergeHead, patchRows } from './merge-rows.js';

const times = Array.from({ length: 10 }, (_, n) => ago(100 - n));

function task(n: number, part: Partial<Task> = {}): Task {
  const createdAt = times[n] ?? ago(0);
  return { ...makeTask(n, makeRun(n, { createdAt, endedAt: createdAt })), ...part };
}

function page(...data: Task[]): TaskPage {
  return { data, hasMore: false, nextCursor: null, total: { value: data.length, relation: 'eq' } };
}

describe('mergeHead', () => {
  it('counts new tasks and inserts none', () => {
    const shown = [page(task(5), task(4)), page(task(3))];
    const { pages, unseen } = mergeHead(shown, page(task(7), task(6), task(5), task(4)));
    expect(unseen.map(({ id }) => id)).toEqual([task(7).id, task(6).id]);
    expect(pages.flatMap(({ data }) => data.map(({ id }) => id))).toEqual([task(5).id, task(4).id, task(3).id]);
  });

  it('does not take older tasks that moved up for new ones', () => {
    expect(mergeHead([page(task(5), task(4))], page(task(5), task(2))).unseen).toEqual([]);
  });
});

describe('patchRows', () => {
  it('replaces a row in its place and leaves the other objects alone', () => {
    const shown = [page(task(5), task(4)), page(task(3))];
    const next = patchRows(shown, [task(4, { status: 'failed', updatedAt: ago(0) })]);
    expect(next[0]?.data.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    expect(next[0]?.data[0]).toBe(shown[0]?.data[0]);
    expect(next[1]).toBe(shown[1]);
  });

  it('does not go back to an older answer', () => {
    const fresh = task(5, { title: 'fresh', updatedAt: ago(0) });
    expect(patchRows([page(fresh)], [task(5, { title: 'stale' })])[0]?.data[0]).toBe(fresh);
  });

  it('drops what was deleted', () => {
    expect(dropRows([page(task(5), task(4))], new Set([task(5).id]))[0]?.data.map(({ id }) => id)).toEqual([
      task(4).id,
    ]);
  });
});
