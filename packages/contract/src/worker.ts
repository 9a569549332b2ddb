import { z } from 'zod';
import { WorkerEvent } from './event.js';
import { Exit, RunResult } from './run.js';
import { RunSpec } from './spec.js';
import { DiffStat, Label, maxSequence, Name, RunId, TaskId, Text, Timestamp, WorkerId } from './values.js';

/** Raised when worker and orchestrator would misunderstand each other. */
export const protocolVersion = 1;

/** How Claude Code is signed in on a worker. The login itself never leaves the machine. */
export const Login = z.object({
  kind: z.enum(['none', 'api_key', 'auth_token', 'oauth_token', 'stored', 'cloud_provider', 'demo']),
  /** What a person recognises it by, never a secret. */
  label: Text.max(200).nullable(),
});
export type Login = z.infer<typeof Login>;

export const ClaudeProgram = z.object({
  path: z.string(),
  version: z.string().nullable(),
  /** Why it cannot be used (missing, too old), with the line that mends it; null when it can. */
  problem: z.string().nullable(),
});
export type ClaudeProgram = z.infer<typeof ClaudeProgram>;

/** A run that a worker holds, or believes it holds. */
export const HeldRun = z.object({ runId: RunId, epoch: z.number().int().min(1) });
export type HeldRun = z.infer<typeof HeldRun>;

export const EnrolWorker = z.strictObject({ name: Name });
export const EnrolledWorker = z.object({ workerId: WorkerId, token: z.string() });

export const RegisterWorker = z.strictObject({
  protocol: z.number().int(),
  version: Text.max(64),
  name: Name,
  host: Text.max(255),
  os: Text.max(64),
  arch: Text.max(64),
  nodeVersion: Text.max(64),
  claude: ClaudeProgram,
  login: Login,
  allowCommands: z.boolean(),
  capacity: z.number().int().min(1).max(1000),
  pools: z.array(Name).min(1).max(32),
  labels: z.array(Label).max(64),
  /** How long it may be away before its runs are given to others, milliseconds. The pool caps it. */
  lostAfterMs: z.number().int().min(1000),
  held: z.array(HeldRun).max(1000),
});
export type RegisterWorker = z.infer<typeof RegisterWorker>;

/** A run handed to a worker, with everything it needs. The run token works for this run and epoch, while the lease lives. */
export const ClaimedRun = z.object({
  runId: RunId,
  taskId: TaskId,
  title: z.string(),
  attempt: z.number().int(),
  epoch: z.number().int(),
  runToken: z.string(),
  spec: RunSpec,
  demo: z.boolean(),
  branch: z.string().nullable(),
  sessionId: z.string(),
  /** Milliseconds this run has already spent in `running`, for its timeout. */
  spentMs: z.number().int(),
});
export type ClaimedRun = z.infer<typeof ClaimedRun>;

/** The orchestrator sets every interval. */
export const WorkerIntervals = z.object({
  heartbeatMs: z.number().int(),
  leaseMs: z.number().int(),
  claimWaitMs: z.number().int(),
  appendMs: z.number().int(),
  appendBytes: z.number().int(),
});
export type WorkerIntervals = z.infer<typeof WorkerIntervals>;

export const RegisteredWorker = z.object({
  workerId: WorkerId,
  intervals: WorkerIntervals,
  /** For each held run: go on with it, or drop it and end what it left. */
  held: z.array(
    z.object({ runId: RunId, epoch: z.number().int(), state: z.enum(['resume', 'stale']), run: ClaimedRun.optional() }),
  ),
});
export type RegisteredWorker = z.infer<typeof RegisteredWorker>;

export const ClaimRuns = z.strictObject({
  /** Chosen by the worker; a repeat gets the same answer. */
  claimId: z.uuid(),
  free: z.number().int().min(1).max(1000),
  /** How long to wait for work, at most; the orchestrator may answer earlier. */
  waitMs: z.number().int().min(0).max(60_000),
});
export type ClaimRuns = z.infer<typeof ClaimRuns>;
export const ClaimedRuns = z.object({ runs: z.array(ClaimedRun) });

export const Heartbeat = z.strictObject({ held: z.array(HeldRun).max(1000), login: Login.optional() });
export type Heartbeat = z.infer<typeof Heartbeat>;
export const HeartbeatReply = z.object({
  /** How long the leases live from the moment the heartbeat was sent. */
  ttlMs: z.number().int(),
  runs: z.array(
    z.object({ runId: RunId, epoch: z.number().int(), state: z.enum(['held', 'stale']), cancel: z.boolean() }),
  ),
});
export type HeartbeatReply = z.infer<typeof HeartbeatReply>;

/** Events `firstN … firstN + events.length − 1` of one epoch. Sent again they are stored once. */
export const AppendEvents = z.strictObject({
  epoch: z.number().int().min(1),
  firstN: z.number().int().min(1).max(maxSequence),
  events: z.array(WorkerEvent).min(1).max(5000),
});
export type AppendEvents = z.infer<typeof AppendEvents>;
export const AppendReply = z.object({
  /** The next `n` that the orchestrator has not stored. */
  nextN: z.number().int(),
  cancel: z.boolean(),
  /** True when the lines were kept but the lease is gone: stop the child. */
  late: z.boolean(),
});
export type AppendReply = z.infer<typeof AppendReply>;

/** Facts about a live run that are known only now. */
export const ReportStart = z.strictObject({
  epoch: z.number().int().min(1),
  branch: Text.max(250).nullable(),
  baseCommit: Text.max(64).nullable(),
});
export type ReportStart = z.infer<typeof ReportStart>;

export const FinishRun = z.strictObject({
  epoch: z.number().int().min(1),
  /** Chosen by the worker; a repeat gets the same answer. */
  completionId: z.uuid(),
  exit: Exit,
  result: RunResult.nullable(),
  /** At most what can be counted exactly in millionths. */
  costUsd: z.number().min(0).max(1e9).nullable(),
  stat: DiffStat.nullable(),
  /** The last `n` that the worker numbered; fewer stored lines mean an incomplete transcript. */
  lastN: z.number().int().min(0),
});
export type FinishRun = z.infer<typeof FinishRun>;

/** What the control stream says (SSE `event:` is the type). */
export const ControlMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel'), runId: RunId, epoch: z.number().int() }),
  /** The worker was removed: end everything and stop. */
  z.object({ type: z.literal('removed') }),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;

export const Worker = z.object({
  id: WorkerId,
  name: z.string(),
  state: z.enum(['online', 'offline']),
  host: z.string(),
  os: z.string(),
  arch: z.string(),
  version: z.string(),
  nodeVersion: z.string(),
  claude: ClaudeProgram,
  login: Login,
  allowCommands: z.boolean(),
  pools: z.array(z.string()),
  labels: z.array(z.string()),
  capacity: z.number().int(),
  running: z.array(z.object({ runId: RunId, taskId: TaskId, title: z.string(), startedAt: Timestamp.nullable() })),
  registeredAt: Timestamp,
  lastSeenAt: Timestamp,
});
export type Worker = z.infer<typeof Worker>;

export const Pool = z.object({
  name: z.string(),
  paused: z.boolean(),
  queued: z.number().int(),
  running: z.number().int(),
  workersOnline: z.number().int(),
});
export type Pool = z.infer<typeof Pool>;
export const EditPool = z.strictObject({ paused: z.boolean() });
export type EditPool = z.infer<typeof EditPool>;
