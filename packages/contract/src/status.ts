import { z } from 'zod';

/**
 * The nine words for where a task or a run stands. The *why* is never a new status, it is a {@link Reason}.
 *
 * ```
 * scheduled ─► queued ─claim─► running ─► succeeded | failed | cancelled | timed_out
 *                ▲                 │
 *                └──── waiting ◄───┘          blocked (a dependency) ─► queued
 * ```
 */
export const statuses = [
  'scheduled',
  'blocked',
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
] as const;

export const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

/** The four statuses that nothing moves a run out of. */
export const finalStatuses = ['succeeded', 'failed', 'cancelled', 'timed_out'] as const satisfies readonly Status[];
export type FinalStatus = (typeof finalStatuses)[number];

/** True when nothing moves a run out of `status`. */
export function isFinal(status: Status): status is FinalStatus {
  return (finalStatuses as readonly Status[]).includes(status);
}
