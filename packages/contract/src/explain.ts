import { z } from 'zod';
import { Reason } from './reasons.js';
import { Status } from './status.js';
import { RunId, TaskId, WorkerId } from './values.js';

/** Why a task stands where it stands, from the same rules as the claim. */
export const TaskExplanation = z.object({
  taskId: TaskId,
  runId: RunId,
  status: Status,
  reason: Reason.nullable(),
  reasonText: z.string().nullable(),
  hint: z.string().nullable(),
  /** How many runs of its pool go first; null when it is not in line, or too far back to count. */
  ahead: z.number().int().nullable(),
  /** With `queued`: each worker, and what keeps it from taking the task; null when nothing does. */
  workers: z.array(z.object({ id: WorkerId, name: z.string(), online: z.boolean(), obstacle: z.string().nullable() })),
});
export type TaskExplanation = z.infer<typeof TaskExplanation>;

/** `force`: also from a worker that still answers; it ends what it runs as soon as it hears of it. */
export const ReleaseTask = z.strictObject({ force: z.boolean().default(false) });
export type ReleaseTask = z.input<typeof ReleaseTask>;

/** What a pass over everything that is due has done. */
export const ReconcileReport = z.object({
  /** Scheduled or parked runs whose time had come. */
  promoted: z.number().int(),
  /** Runs that were put back in line or ended since their worker did not begin or was away. */
  reaped: z.number().int(),
  /** Runs in line that waiting claims were told of again. */
  announced: z.number().int(),
  /** Tasks whose status was not that of their current run, which is a bug: report them with the log. */
  mended: z.array(TaskId),
});
export type ReconcileReport = z.infer<typeof ReconcileReport>;
