import { z } from 'zod';
import { Timestamp } from './values.js';

export const StatisticsRange = z.enum(['24h', '7d', '30d', '90d']);
export type StatisticsRange = z.infer<typeof StatisticsRange>;

export const StatisticsGroup = z.enum(['repository', 'status', 'reason', 'model']);
export type StatisticsGroup = z.infer<typeof StatisticsGroup>;

export const StatisticsQuery = z.strictObject({
  /** Also the past: `history` is in the answer. */
  range: StatisticsRange.optional(),
  /** By hour for a day, else by day (UTC), unless it is said. */
  step: z.enum(['hour', 'day']).optional(),
  groupBy: StatisticsGroup.default('repository'),
});
export type StatisticsQuery = z.infer<typeof StatisticsQuery>;

/** Milliseconds of a half and of nineteen in twenty, to about 5 %. Null when there is nothing to measure. */
const Spread = z.object({ p50: z.number().int(), p95: z.number().int() }).nullable();

const counts = {
  succeeded: z.number().int(),
  failed: z.number().int(),
  timedOut: z.number().int(),
  cancelled: z.number().int(),
  /** By Claude Code's own estimate, of all runs, also of those that were followed by another by themselves. */
  costUsd: z.string(),
};
const measures = {
  ...counts,
  /** From when a run could go to when a worker had it. */
  waitMs: Spread,
  /** From there to its end. */
  durationMs: Spread,
};

/** What ended within a range of time. A run that was followed by another by itself ends no task. */
export const History = z.object({
  range: StatisticsRange,
  step: z.enum(['hour', 'day']),
  from: Timestamp,
  to: Timestamp,
  /** Every step of the range, oldest first. The last is not over. */
  buckets: z.array(z.object({ at: Timestamp, ...measures })),
  total: z.object(measures),
  /** The largest 50, by what was asked for. Of a model `succeeded` and the others count the runs that used it. */
  groups: z.array(z.object({ key: z.string().nullable(), ...counts, durationMs: Spread })),
  /** How many more groups there are. */
  groupsLeft: z.number().int(),
  /** Hours of longer ago are still being summed up, as after an upgrade: what ended in them is not counted yet. */
  isPartial: z.boolean().default(false),
});
export type History = z.infer<typeof History>;
