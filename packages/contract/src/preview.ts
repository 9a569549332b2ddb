import { z } from 'zod';
import { TaskExplanation } from './explain.js';
import { submitFields } from './task.js';
import { Cost } from './values.js';

/** What of a submit decides who takes it and what it is like. */
export const PreviewTask = z.strictObject(submitFields).pick({
  executor: true,
  repository: true,
  pool: true,
  requirements: true,
  priority: true,
  concurrencyKey: true,
  concurrencyLimit: true,
  demo: true,
  setup: true,
  checks: true,
  teardown: true,
});
export type PreviewTask = z.input<typeof PreviewTask>;

/** How tasks like it went: those of the same repository, the newest 100 that ended. */
export const SimilarTasks = z.object({
  /** The repository in few words; null: tasks without one. */
  repository: z.string().nullable(),
  tasks: z.number().int(),
  succeeded: z.number().int(),
  /** Of all runs of a task together. Null when nothing is known. */
  medianCost: Cost.nullable(),
  /** Of the last run of a task. */
  medianDurationMs: z.number().int().nullable(),
});
export type SimilarTasks = z.infer<typeof SimilarTasks>;

/** What would happen to a task if it was submitted now. */
export const TaskPreview = TaskExplanation.pick({
  reason: true,
  reasonText: true,
  hint: true,
  ahead: true,
  workers: true,
}).extend({
  /** Workers that could take it at this moment. */
  ready: z.number().int(),
  similar: SimilarTasks,
});
export type TaskPreview = z.infer<typeof TaskPreview>;
