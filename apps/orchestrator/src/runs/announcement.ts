import type { Announcement } from '../dispatch/run-queue.js';
import type { RunRow } from './run.entity.js';

/** What an announcement is made of. */
export const announcedColumns = ['id', 'pool', 'readyAt', 'turnKey', 'leaseEpoch'] as const;
export type AnnouncedRun = Pick<RunRow, (typeof announcedColumns)[number]>;

/** What the queue is told of a run that waits. The priority comes from the turn: the place in the line changes hands between keys. */
export function announcementOf({ id: runId, leaseEpoch: epoch, pool, readyAt, turnKey }: AnnouncedRun): Announcement {
  return { runId, epoch, pool, readyAt, priority: Math.round((readyAt - turnKey) / 1000) };
}
