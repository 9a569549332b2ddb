import type { Task, TaskPage } from '@corch/contract';
import { CircleCheck, CircleDot, Clock, GitPullRequest, Hand, OctagonX, type LucideIcon } from 'lucide-react';

interface GroupRow {
  id: string;
  words: string;
  /** Which tasks; `/tasks` understands the same text. */
  filter: string;
  icon: LucideIcon;
  tone: string;
  /** Said when there is none. */
  none: string;
}

/** What a person sees first comes first. The filters leave no task in two groups. */
export const groups = [
  {
    id: 'asking',
    words: 'Needs you',
    filter: 'needs:approval,answer',
    icon: Hand,
    tone: 'text-amber',
    none: 'Nobody waits for you.',
  },
  {
    id: 'failed',
    words: 'Failed',
    filter: 'status:failed,timed_out ended:7d',
    icon: OctagonX,
    tone: 'text-red',
    none: 'No failures this week.',
  },
  {
    id: 'review',
    words: 'Ready for review',
    filter: 'is:review ended:7d',
    icon: GitPullRequest,
    tone: 'text-violet',
    none: 'No change waits for a look.',
  },
  {
    id: 'working',
    words: 'Working',
    filter: 'status:running -needs:approval,answer',
    icon: CircleDot,
    tone: 'text-blue',
    none: 'Nothing runs.',
  },
  {
    id: 'queued',
    words: 'Queued',
    filter: 'status:queued,scheduled,blocked,waiting -needs:approval,answer',
    icon: Clock,
    tone: 'text-slate',
    none: 'Nothing waits.',
  },
  {
    id: 'done',
    words: 'Done',
    filter: 'status:succeeded,cancelled ended:1d -is:review',
    icon: CircleCheck,
    tone: 'text-green',
    none: 'Nothing else ended in the last day.',
  },
] as const satisfies readonly GroupRow[];

export type Group = (typeof groups)[number];
export type GroupId = Group['id'];

/** The columns of the board; what needs a person shares one. */
export const columns: readonly (readonly GroupId[])[] = [
  ['queued'],
  ['working'],
  ['asking', 'failed'],
  ['review'],
  ['done'],
];

export function groupOf(id: GroupId): Group {
  return groups.find((group) => group.id === id) ?? groups[0];
}

/** The tasks of each group as far as they were read; of `undefined` nothing is known yet. */
export type Lists = Record<GroupId, TaskPage | undefined>;

/**
 * The lists in the order that the reader saw when the pointer came over them, with every task as it is now: nothing moves away under
 * a click. `moved`: how many tasks have come, gone or changed their group since.
 */
export function heldLists(seen: Lists, now: Lists): { lists: Lists; moved: number } {
  const placeNow = new Map<string, { id: GroupId; task: Task }>();
  for (const { id } of groups) for (const task of now[id]?.data ?? []) placeNow.set(task.id, { id, task });
  let moved = placeNow.size;
  const lists = Object.fromEntries(
    groups.map(({ id }) => {
      const page = seen[id];
      const data = page?.data.map((task) => {
        const place = placeNow.get(task.id);
        if (place?.id === id) moved--;
        else if (place === undefined) moved++;
        return place?.task ?? task;
      });
      return [id, page && data && { ...page, data }];
    }),
  ) as Lists;
  return { lists, moved };
}
