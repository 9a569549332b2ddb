import { z } from 'zod';
import { Filter } from './filter/filter.js';
import { list } from './query-list.js';
import { History } from './statistics.js';
import { Status } from './status.js';
import { Task } from './task.js';
import { Label, maxSequence, Name, Text, Timestamp } from './values.js';

/** Which tasks. Every part that is given must hold; values of one part are alternatives. */
export const TaskFilter = z.strictObject({
  status: list(Status).optional(),
  pool: list(Name).optional(),
  /** All of them must be carried. */
  label: list(Label).optional(),
  /** Text in the title or the prompt, without regard to case. */
  q: Text.trim().min(1).max(200).optional(),
  createdAfter: Timestamp.optional(),
  createdBefore: Timestamp.optional(),
  /** All of it at once as a person types it: `status:failed repo:acme/* age:<7d`. Holds beside the other parts. */
  filter: Filter.optional(),
});
export type TaskFilter = z.infer<typeof TaskFilter>;

/** Which tasks to list, and which page of them. */
export const TaskQuery = TaskFilter.extend({
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});
export type TaskQuery = z.infer<typeof TaskQuery>;

/** How many there are. Exact up to 10,000; beyond it says `gte`. */
export const Total = z.object({ value: z.number().int(), relation: z.enum(['eq', 'gte']) });
export type Total = z.infer<typeof Total>;

export const TaskPage = z.object({
  data: z.array(Task),
  hasMore: z.boolean(),
  nextCursor: z.string().nullable(),
  total: Total,
});
export type TaskPage = z.infer<typeof TaskPage>;

export const EventQuery = z.strictObject({
  /** Events with a higher `seq` than this. */
  after: z.coerce.number().int().min(0).max(maxSequence).default(0),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});
export type EventQuery = z.infer<typeof EventQuery>;

/** Numbers for the top of the dashboard. */
export const Statistics = z.object({
  tasks: z.record(Status, z.number().int()),
  workersOnline: z.number().int(),
  slots: z.object({ used: z.number().int(), total: z.number().int() }),
  oldestQueuedAt: Timestamp.nullable(),
  /** What waits for a decision of a person. */
  approvalsOpen: z.number().int().default(0),
  /** Since midnight UTC, by Claude Code's own estimate. */
  today: z.object({ succeeded: z.number().int(), failed: z.number().int(), costUsd: z.string() }),
  /** With `range`. */
  history: History.optional(),
});
export type Statistics = z.infer<typeof Statistics>;

/** The id of a change that may concern anything: the orchestrator could not hear what others did. */
export const anyId = '*';

/** Something changed; read it again. Sent on `GET /stream` (SSE `event: changed`), never replayed. */
export const Changed = z.object({
  topic: z.enum(['task', 'worker', 'pool', 'key', 'settings', 'approval', 'bulk', 'view']),
  /** The id (or pool name) of what changed; `all` of the settings; `*` for anything, of any topic. */
  id: z.string(),
});
export type Changed = z.infer<typeof Changed>;

export const Health = z.object({
  status: z.enum(['ok', 'degraded', 'failing']),
  version: z.string(),
  protocol: z.number().int(),
  startedAt: Timestamp,
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
});
export type Health = z.infer<typeof Health>;
