import { z } from 'zod';
import { Delivered, DeliveryWording } from './delivery.js';
import { Reason } from './reasons.js';
import { Run } from './run.js';
import { AskedRepository, Backoff, RunSpec, specFields } from './spec.js';
import { StartsFrom } from './starts-from.js';
import { Status } from './status.js';
import { Cost, DiffStat, Label, Name, RunId, TaskId, Text, Timestamp } from './values.js';

const title = Text.trim().min(1).max(200);
const labels = z.array(Label).max(32);

/** −1,000,000 to 1,000,000 seconds: +3600 goes before everything queued in the last hour, and every waiting task ages. */
export const Priority = z.number().int().min(-1_000_000).max(1_000_000);

/** Every field of a submit. */
export const submitFields = {
  ...specFields,
  repository: AskedRepository.optional(),
  title: title.optional(),
  labels: labels.default([]),
  priority: Priority.default(0),
  pool: Name.default('default'),
  /** Labels that the worker must carry. */
  requirements: z.array(Label).max(16).default([]),
  /** Not before this time. */
  startAt: Timestamp.optional(),
  /** Further runs after one that failed by its own fault. Infrastructure failures have a bound of their own. */
  retries: z.number().int().min(0).max(20).default(0),
  backoff: Backoff.prefault({}),
  /** Tasks with the same key run at most `concurrencyLimit` at once. */
  concurrencyKey: Text.trim().min(1).max(200).optional(),
  concurrencyLimit: z.number().int().min(1).max(1000).default(1),
};

/** What somebody asks for. Prompt and options never change afterwards. */
export const SubmitTask = z.strictObject(submitFields).superRefine((task, context) => {
  if (task.executor === 'claude' && task.prompt === undefined) {
    context.addIssue({ code: 'custom', path: ['prompt'], message: 'say what Claude shall do' });
  }
  if (task.executor === 'claude' && task.command !== undefined) {
    context.addIssue({ code: 'custom', path: ['command'], message: 'needs `executor: "command"`' });
  }
  if (task.executor === 'command' && task.command === undefined) {
    context.addIssue({ code: 'custom', path: ['command'], message: 'name the program and its arguments as a list' });
  }
  if (task.executor === 'command' && task.prompt !== undefined) {
    context.addIssue({ code: 'custom', path: ['prompt'], message: 'belongs to `executor: "claude"`' });
  }
  if (task.concurrencyLimit !== 1 && task.concurrencyKey === undefined) {
    context.addIssue({ code: 'custom', path: ['concurrencyLimit'], message: 'needs a `concurrencyKey`' });
  }
  if (task.ref !== undefined && task.repository === undefined) {
    context.addIssue({ code: 'custom', path: ['ref'], message: 'needs a repository' });
  }
  const mode = task.delivery?.mode ?? 'none';
  if (mode !== 'none' && task.repository === undefined) {
    context.addIssue({ code: 'custom', path: ['delivery', 'mode'], message: `\`${mode}\` needs a repository` });
  } else if (mode === 'pr' && task.repository !== undefined && 'path' in task.repository) {
    const message = '`pr` needs a repository by its address; a path takes `branch` or `patch`';
    context.addIssue({ code: 'custom', path: ['delivery', 'mode'], message });
  }
});
export type SubmitTask = z.input<typeof SubmitTask>;
/** {@link SubmitTask} with all defaults filled in. */
export type SubmittedTask = z.output<typeof SubmitTask>;

/** What may change after submit. */
export const EditTask = z
  .strictObject({ title: title.optional(), labels: labels.optional(), priority: Priority.optional() })
  .refine((edit) => Object.keys(edit).length > 0, 'name at least one of title, labels, priority');
export type EditTask = z.infer<typeof EditTask>;

/**
 * How to deliver; the task's own way when it names one, else as a pull request. The rest is for a pull request that is not open yet,
 * and counts before what the task says, also for later deliveries.
 */
export const DeliverTask = DeliveryWording.extend({ mode: z.enum(['branch', 'pr']).optional() });
export type DeliverTask = z.input<typeof DeliverTask>;

/** A task as it stands in a list. Its status is its current run's. */
export const Task = z.object({
  id: TaskId,
  title: z.string(),
  status: Status,
  reason: Reason.nullable(),
  /** The reason as a sentence, with what is known about this case. */
  reasonText: z.string().nullable(),
  /** What to do next. */
  hint: z.string().nullable(),
  executor: RunSpec.shape.executor,
  /** The first 200 characters of the prompt, or the command line. */
  promptPreview: z.string(),
  repository: RunSpec.shape.repository,
  /** The name of the registered repository that it was submitted for; null for any other. */
  repositoryName: z.string().nullable().default(null),
  ref: z.string().nullable(),
  branch: z.string().nullable(),
  pool: z.string(),
  labels: z.array(z.string()),
  requirements: z.array(z.string()),
  priority: z.number().int(),
  concurrencyKey: z.string().nullable(),
  concurrencyLimit: z.number().int(),
  retries: z.number().int(),
  backoff: Backoff,
  /** True when the current run works, or the next one will, on the scripted model instead of Claude. */
  demo: z.boolean(),
  runCount: z.number().int(),
  currentRunId: RunId,
  workerName: z.string().nullable(),
  /** The name of the key or session that submitted it. */
  submittedBy: z.string(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  startAt: Timestamp.nullable(),
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  cost: Cost.nullable(),
  stat: DiffStat.nullable(),
  /** Where its change was delivered to last. */
  delivered: Delivered.nullable().default(null),
  /** Where the dashboard shows it. */
  url: z.string(),
});
export type Task = z.infer<typeof Task>;

/** A task with everything that was asked for, and its current run. */
export const TaskDetail = Task.extend({
  spec: RunSpec,
  currentRun: Run,
  /** Set when `ref` is the branch of another task, whose change was not on the remote at the submit. */
  startsFrom: StartsFrom.nullable().default(null),
});
export type TaskDetail = z.infer<typeof TaskDetail>;
