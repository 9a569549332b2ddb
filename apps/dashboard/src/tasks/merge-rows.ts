import type { Task, TaskPage } from '@corch/contract';

/**
 * Puts fresh rows over those that are shown, each in its place: nothing moves under the pointer. `head` is the first page as it is
 * now; its tasks that are newer than everything shown are returned as `unseen`, for the reader to ask for.
 */
export function mergeHead(pages: readonly TaskPage[], head: TaskPage): { pages: TaskPage[]; unseen: Task[] } {
  const shown = new Set(pages.flatMap((page) => page.data.map((task) => task.id)));
  const newest = pages[0]?.data[0]?.createdAt ?? '';
  const unseen = head.data.filter((task) => !shown.has(task.id) && task.createdAt >= newest);
  return { pages: patchRows(pages, head.data), unseen };
}

/** Replaces rows by id. Pages and rows that did not change stay the same objects. */
export function patchRows(pages: readonly TaskPage[], tasks: readonly Task[]): TaskPage[] {
  const fresh = new Map(tasks.map((task) => [task.id, task]));
  return pages.map((page) => {
    if (!page.data.some((task) => isNewer(fresh.get(task.id), task))) return page;
    return {
      ...page,
      data: page.data.map((task) => {
        const next = fresh.get(task.id);
        return next !== undefined && isNewer(next, task) ? next : task;
      }),
    };
  });
}

export function dropRows(pages: readonly TaskPage[], ids: ReadonlySet<string>): TaskPage[] {
  return pages.map((page) => ({ ...page, data: page.data.filter((task) => !ids.has(task.id)) }));
}

/** Two answers may overtake each other; reasons are worked out when read, so the same version may still say something new. */
function isNewer(next: Task | undefined, shown: Task): boolean {
  if (next === undefined || next.updatedAt < shown.updatedAt) return false;
  return JSON.stringify(next) !== JSON.stringify(shown);
}
