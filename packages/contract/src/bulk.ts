// One action on many tasks, as an object whose progress can be watched.
import { z } from 'zod';
import { ErrorCode } from './errors.js';
import { Filter } from './filter/filter.js';
import { BulkId, Label, TaskId, Timestamp } from './values.js';
import { Priority } from './task.js';

/** Ids in one request. */
export const maxBulkIds = 10_000;

const labels = z.array(Label).max(32).default([]);

/** What may be done with each of many tasks. */
export const BulkAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('cancel') }),
  z.strictObject({ action: z.literal('retry'), from: z.enum(['fresh', 'continue']).default('fresh') }),
  z.strictObject({ action: z.literal('priority'), priority: Priority }),
  z.strictObject({ action: z.literal('label'), add: labels, remove: labels }),
]);
export type BulkAction = z.output<typeof BulkAction>;

/** What an action asks of a task beside the filter: others are not counted and not touched. */
export const bulkEligible = {
  cancel: 'is:active',
  retry: 'is:finished',
  priority: '',
  label: '',
} as const satisfies Record<BulkAction['action'], string>;

/** The filter of the tasks that an action will touch; to be counted before. */
export function bulkFilter(action: BulkAction['action'], filter: string): string {
  return `${filter} ${bulkEligible[action]}`.trim();
}

export const StartBulk = z
  .strictObject({
    do: BulkAction,
    /** Every task that it finds now and still when its turn comes; later ones are not touched. `""` is every task. */
    filter: Filter.optional(),
    ids: z.array(TaskId).min(1).max(maxBulkIds).optional(),
    /** Refuses when it is another number by now. */
    expectedCount: z.number().int().min(0).optional(),
  })
  .superRefine((bulk, context) => {
    if ((bulk.filter === undefined) === (bulk.ids === undefined)) {
      context.addIssue({ code: 'custom', path: ['filter'], message: 'or `ids` must be given, and not both' });
    }
    if (bulk.do.action === 'label' && bulk.do.add.length + bulk.do.remove.length === 0) {
      context.addIssue({ code: 'custom', path: ['do', 'add'], message: 'or `remove` must name a label' });
    }
  });
export type StartBulk = z.input<typeof StartBulk>;

/** A task that was not changed, and why. */
export const BulkFailure = z.object({ taskId: TaskId, code: ErrorCode, message: z.string() });
export type BulkFailure = z.infer<typeof BulkFailure>;

/** An action on many tasks, and how far it is. */
export const Bulk = z.object({
  id: BulkId,
  do: BulkAction,
  /** Null when the tasks were named by their ids. */
  filter: z.string().nullable(),
  by: z.string(),
  /** `stopped`: somebody asked for it; what was done stays done. */
  status: z.enum(['running', 'finished', 'stopped']),
  /** Tasks that fitted when it was asked for; of more than 1,000 it rises when others have come to fit. */
  total: z.number().int(),
  /** Tasks that were changed. */
  done: z.number().int(),
  failed: z.number().int(),
  /** The first of them. */
  failures: z.array(BulkFailure),
  createdAt: Timestamp,
  endedAt: Timestamp.nullable(),
});
export type Bulk = z.infer<typeof Bulk>;
