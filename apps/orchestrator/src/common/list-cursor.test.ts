import { describe, expect, it } from '@jest/globals';
import { ApprovalId, TaskId } from '@corch/contract';
import fc from 'fast-check';
import { cutPage, decodeCursor, demandCursor, encodeCursor } from './list-cursor.js';

describe('cursor', () => {
  const cursor = { sort: '-createdAt', createdAt: 1_800_000_000_000, id: `task_${'a'.repeat(26)}` } as const;

  it('comes back as it was', () => {
    expect(decodeCursor(encodeCursor(cursor), '-createdAt', TaskId)).toEqual(cursor);
  });

  it('is refused for another order, and when it is none', () => {
    expect(decodeCursor(encodeCursor(cursor), 'createdAt', TaskId)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => decodeCursor(text, 'createdAt', TaskId) === null));
    expect(decodeCursor(encodeCursor({ ...cursor, id: 'task_\0' }), '-createdAt', TaskId)).toBeNull();
  });

  it('is refused for a list of other things', () => {
    expect(decodeCursor(encodeCursor(cursor), '-createdAt', ApprovalId)).toBeNull();
    expect(() => demandCursor(encodeCursor(cursor), '-createdAt', ApprovalId)).toThrow('is no cursor of a list');
  });
});

describe('cutPage', () => {
  const row = (createdAt: number) => ({ createdAt, id: `task_${createdAt}` });

  it('leaves out the row that only says that there is more', () => {
    const { page, hasMore, nextCursor } = cutPage([row(3), row(2), row(1)], 2, '-createdAt');
    expect(page).toEqual([row(3), row(2)]);
    expect(hasMore).toBe(true);
    expect(nextCursor).toBe(encodeCursor({ sort: '-createdAt', ...row(2) }));
    expect(cutPage([row(3), row(2)], 2, '-createdAt')).toEqual({
      page: [row(3), row(2)],
      hasMore: false,
      nextCursor: null,
    });
  });
});
