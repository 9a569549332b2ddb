import { z } from 'zod';
import { Delivered, ObjectId, StepResult } from './delivery.js';
import { Outcome } from './outcomes.js';
import { Reason } from './reasons.js';
import { Executor } from './spec.js';
import { Status } from './status.js';
import { Cost, DiffStat, Name, RunId, TaskId, Timestamp, WorkerId } from './values.js';

/** Tokens and estimated cost of one model, absolute over the run (Claude Code's `modelUsage`). */
export const ModelUsage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadInputTokens: z.number(),
  cacheCreationInputTokens: z.number(),
  costUsd: z.number(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

/** What a run produced beside its transcript and its patch. */
export const RunResult = z.object({
  /** Claude's final answer, or null when there was none. Cut at 200,000 characters. */
  text: z.string().nullable(),
  /** The answer that follows the task's schema. */
  structured: z.json().optional(),
  turns: z.number().int().nullable(),
  models: z.record(z.string(), ModelUsage),
  /** Tools that were asked for and denied. */
  denials: z.array(z.object({ toolName: z.string(), toolUseId: z.string() })),
});
export type RunResult = z.infer<typeof RunResult>;

/** How the child ended: exit code or signal, and a sentence with what is known. */
export const Exit = z.object({
  outcome: Outcome,
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  message: z.string().max(4000).nullable(),
});
export type Exit = z.infer<typeof Exit>;

/** One attempt at a task. */
export const Run = z.object({
  id: RunId,
  taskId: TaskId,
  /** 1 for the first run of the task. */
  attempt: z.number().int(),
  /** Why this run was opened. */
  trigger: z.enum(['submit', 'retry', 'automatic', 'deliver', 'message', 'fork']),
  /** `deliver`: it pushes the change of the run `sourceRunId`, and starts no child. */
  executor: Executor.default('claude'),
  sourceRunId: RunId.nullable().default(null),
  status: Status,
  reason: Reason.nullable(),
  reasonText: z.string().nullable(),
  hint: z.string().nullable(),
  demo: z.boolean(),
  leaseEpoch: z.number().int(),
  workerId: WorkerId.nullable(),
  workerName: z.string().nullable(),
  /** The Claude session; `claude --resume` takes it on that worker. */
  sessionId: z.string().nullable(),
  /** The run whose session and changes this one goes on with: a lost or an ended one, or with a fork one of another task. */
  continuesRunId: RunId.nullable(),
  branch: z.string().nullable(),
  baseCommit: z.string().nullable(),
  createdAt: Timestamp,
  /** Not before this time: startAt of the task, the pause after a failure, or the reset of a limit that it waits for. */
  readyAt: Timestamp,
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  cancelRequestedAt: Timestamp.nullable(),
  leaseExpiresAt: Timestamp.nullable(),
  /** With `cancelled`: whether the worker said that every process is gone. */
  confirmed: z.boolean().nullable(),
  exit: Exit.nullable(),
  result: RunResult.nullable(),
  cost: Cost.nullable(),
  stat: DiffStat.nullable(),
  /** The commit that holds the change, in the file `change.bundle` of the run; null when nothing was changed. */
  commit: ObjectId.nullable().default(null),
  /** How setup, checks and teardown went, in their order. */
  checks: z.array(StepResult).default([]),
  /** Where a run that delivers has put the change. */
  delivered: Delivered.nullable().default(null),
  eventCount: z.number().int(),
  /** True when lines may be missing from the transcript: it was cut, or its worker fell silent or was given up. */
  logIncomplete: z.boolean(),
  /** When retention removed its transcript and files; null: they are kept. A change that was not delivered may still be there. */
  removedAt: Timestamp.nullable().default(null),
});
export type Run = z.infer<typeof Run>;

const artifactFolder = 'artifact/';

/** What a file of a run may be called: a plain name, or `artifact/` with a relative path. */
export const BlobName = z.string().refine(isBlobName, 'is no name of a file of a run');

function isBlobName(name: string): boolean {
  if (!name.startsWith(artifactFolder)) return Name.safeParse(name).success;
  const path = name.slice(artifactFolder.length);
  const isClean = path.length <= 500 && !/[\\\p{Cc}\uFFFD]/u.test(path);
  return isClean && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The name under which the artifact of this path is kept, or null when it can have none. */
export function artifactName(path: string): string | null {
  const name = artifactFolder + path;
  return isBlobName(name) ? name : null;
}

/** The path of an artifact that is kept under this name, or null when it is none. */
export function artifactPath(name: string): string | null {
  return name.startsWith(artifactFolder) && isBlobName(name) ? name.slice(artifactFolder.length) : null;
}

/** A file kept with a run. */
export const Blob = z.object({
  name: z.string(),
  contentType: z.string(),
  size: z.number().int(),
  sha256: z.string(),
  createdAt: Timestamp,
});
export type Blob = z.infer<typeof Blob>;
