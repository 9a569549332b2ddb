import { z } from 'zod';
import { Delivered, DeliveryOrder, ObjectId, StepResult } from './delivery.js';
import { WorkerEvent } from './event.js';
import { loginHoldKinds, Outcome } from './outcomes.js';
import { Exit, RunResult } from './run.js';
import { RunSpec } from './spec.js';
import { StartsFrom } from './starts-from.js';
import { DiffStat, Label, maxSequence, Name, RunId, TaskId, Text, Timestamp, WorkerId } from './values.js';

/**
 * Raised when worker and orchestrator would misunderstand each other. Within one number fields may be added on either side, so
 * neither refuses a field that it does not know; the closed lists of what the orchestrator answers only grow with the number.
 */
export const protocolVersion = 1;

/** How Claude Code is signed in on a worker. The login itself never leaves the machine. */
export const Login = z.object({
  /** A way to sign in that is newer than this program counts as one that is stored there. */
  kind: z.enum(['none', 'api_key', 'auth_token', 'oauth_token', 'stored', 'cloud_provider', 'demo']).catch('stored'),
  /** What a person recognises it by, never a secret. */
  label: Text.max(200).nullable(),
  /** Changes when somebody signs in anew, for example the time of the file that holds the login. */
  stamp: Text.max(100).optional(),
});
export type Login = z.infer<typeof Login>;

/** Why no run that needs the login of a worker starts there. */
export const LoginHold = z.object({
  kind: z.enum(loginHoldKinds),
  /** What Claude said. */
  message: z.string().nullable(),
  since: Timestamp,
  /** From then on one run tries whether it works again; null: when somebody signs in anew or resumes the worker. */
  until: Timestamp.nullable(),
});
export type LoginHold = z.infer<typeof LoginHold>;

/**
 * What a worker shall do, kept by the orchestrator. `paused`: what runs goes on, nothing new is taken. `draining`: likewise, and
 * what has not ended when the grace period is over is handed back.
 */
export const WorkerMode = z.enum(['active', 'paused', 'draining']);
export type WorkerMode = z.infer<typeof WorkerMode>;

/** The mode as a worker is told; `drainMs`: how long it may still work on what it has. */
const modeFields = { mode: WorkerMode.default('active'), drainMs: z.number().int().min(0).nullable().default(null) };
export const WorkerOrder = z.object(modeFields);
export type WorkerOrder = z.infer<typeof WorkerOrder>;

/** Why a worker takes nothing new for now, in its own words (its disk is nearly full), or null. */
const trouble = Text.max(500).nullable();

/** The disk that holds the worker's folder, bytes. */
const bytes = z.number().int().min(0);
export const Disk = z.object({
  freeBytes: bytes,
  totalBytes: bytes,
  /** What the workspaces of runs and the mirrors of repositories take, as measured in the last minutes; absent: not measured. */
  workspacesBytes: bytes.optional(),
  mirrorsBytes: bytes.optional(),
});
export type Disk = z.infer<typeof Disk>;

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

export const EnrolWorker = z.object({ name: Name });
export const EnrolledWorker = z.object({ workerId: WorkerId, token: z.string() });

export const RegisterWorker = z.object({
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
  /** Whether it takes runs that deliver changes. */
  canDeliver: z.boolean().default(false),
  capacity: z.number().int().min(1).max(1000),
  pools: z.array(Name).min(1).max(32),
  labels: z.array(Label).max(64),
  /** How long it may be away before its runs are given to others, milliseconds. The pool caps it. */
  lostAfterMs: z.number().int().min(1000),
  trouble: trouble.default(null),
  /** Null when it cannot be told. */
  disk: Disk.nullable().default(null),
  held: z.array(HeldRun).max(1000),
});
export type RegisterWorker = z.output<typeof RegisterWorker>;

/** Where an earlier holder of a run, or of the lost run before it, stopped. */
export const ResumePoint = z.object({
  runId: RunId,
  /** The last epoch in which somebody worked on it. A worker that still has its own files of that epoch goes on with those. */
  epoch: z.number().int(),
  /** `GET /runs/:runId/checkpoint` gives session and changes as they were kept last. */
  hasCheckpoint: z.boolean(),
  /** It belongs to another task: its session and files are copied and stay as they are. */
  isFork: z.boolean().optional(),
});
export type ResumePoint = z.infer<typeof ResumePoint>;

/** What an admin said about the repository of a run, as it is when the run is claimed. */
export const ClaimedRepository = z.object({
  name: z.string(),
  /** Claude Code may take the settings, hooks and MCP servers that the repository brings. */
  trusted: z.boolean(),
  /** git reads it with a secret: `POST /runs/:runId/secrets/git` gives it, or says why not. */
  hasGitSecret: z.boolean(),
  /** Likewise for the API of its server: `POST /runs/:runId/secrets/api`. */
  hasApiSecret: z.boolean(),
  /** Where that API is, when it does not follow from the address; an older orchestrator does not say. */
  apiUrl: z.string().nullable().optional(),
});
export type ClaimedRepository = z.infer<typeof ClaimedRepository>;

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
  /** Where people see the task; null from an orchestrator that does not tell. */
  taskUrl: z.string().nullable().default(null),
  /** Set when the run delivers a change and starts no child; `spec` is what the task asked for all the same. */
  delivery: DeliveryOrder.nullable().default(null),
  /** What of its task is public and in its files already: its commit goes on top of that one. `GET /runs/:runId/bundle` gives it. */
  follows: z.object({ baseCommit: ObjectId, commit: ObjectId }).nullable().default(null),
  /** The ref of the task is the branch of another one, whose change `GET /runs/:runId/starts-from` gives. */
  startsFrom: StartsFrom.nullable().default(null),
  /** Set when the run does not start from the beginning. */
  resume: ResumePoint.nullable().default(null),
  /** Null when the repository of the run is not registered, or it has none. */
  repository: ClaimedRepository.nullable().default(null),
  /** Why it was opened. With `message` and `fork` it goes on with what somebody said, not with what was interrupted. */
  trigger: z.string().optional(),
  /** Claude waited for a decision when it was stopped: it shall ask again and gets what was decided. */
  isAsking: z.boolean().optional(),
  /** The last item of its inbox; 0 when nothing was said to it. */
  inboxN: z.number().int().default(0),
  /** Its place in its trace, as a W3C `traceparent`; absent when the orchestrator sends no traces. */
  traceparent: z.string().optional(),
});
export type ClaimedRun = z.infer<typeof ClaimedRun>;

/** The orchestrator sets every interval. */
export const WorkerIntervals = z.object({
  heartbeatMs: z.number().int(),
  leaseMs: z.number().int(),
  claimWaitMs: z.number().int(),
  appendMs: z.number().int(),
  appendBytes: z.number().int(),
  /** The shortest time between two checkpoints of a run. */
  checkpointMs: z.number().int().default(30_000),
  /** So long after the last sign of life of this worker its runs may be given to others. */
  handOverMs: z.number().int().optional(),
  /** Likewise for a run that it claimed and said nothing of since. */
  unackedMs: z.number().int().optional(),
});
export type WorkerIntervals = z.infer<typeof WorkerIntervals>;

/**
 * The pause between two heartbeats of a worker that holds so many runs. With none there is no lease to renew: it has to be seen
 * twice in a lease, and its claims are signs of life, too.
 */
export function beatEveryMs({ heartbeatMs, leaseMs }: WorkerIntervals, held: number): number {
  return held > 0 ? heartbeatMs : Math.max(heartbeatMs, Math.floor(leaseMs / 3));
}

export const RegisteredWorker = z.object({
  workerId: WorkerId,
  intervals: WorkerIntervals,
  ...modeFields,
  /** For each held run: go on with it, or drop it and end what it left. */
  held: z.array(
    z.object({ runId: RunId, epoch: z.number().int(), state: z.enum(['resume', 'stale']), run: ClaimedRun.optional() }),
  ),
});
export type RegisteredWorker = z.infer<typeof RegisteredWorker>;

export const ClaimRuns = z.object({
  /** Chosen by the worker; a repeat gets the same answer. */
  claimId: z.uuid(),
  free: z.number().int().min(1).max(1000),
  /** How long to wait for work, at most; the orchestrator may answer earlier. */
  waitMs: z.number().int().min(0).max(60_000),
});
export type ClaimRuns = z.infer<typeof ClaimRuns>;
export const ClaimedRuns = z.object({ runs: z.array(ClaimedRun) });

export const Heartbeat = z.object({
  held: z.array(HeldRun).max(1000),
  login: Login.optional(),
  trouble: trouble.optional(),
  /** What it goes by, once a reply has told it: as long as the orchestrator has not read it, nothing is given to others earlier. */
  handOverMs: z.number().int().min(1).optional(),
  disk: Disk.nullable().optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;
export const HeartbeatReply = z.object({
  /** How long the leases live from the moment the heartbeat was sent. */
  ttlMs: z.number().int(),
  /** As in {@link WorkerIntervals}, since the limits of its pools may have changed. */
  handOverMs: z.number().int().optional(),
  ...modeFields,
  runs: z.array(
    z.object({
      runId: RunId,
      epoch: z.number().int(),
      state: z.enum(['held', 'stale']),
      cancel: z.boolean(),
      /** The last item of its inbox. */
      inboxN: z.number().int().default(0),
    }),
  ),
});
export type HeartbeatReply = z.infer<typeof HeartbeatReply>;

/** Events `firstN … firstN + events.length − 1` of one epoch. Sent again they are stored once. */
export const AppendEvents = z.object({
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
  /** The last item of the run's inbox. */
  inboxN: z.number().int().default(0),
});
export type AppendReply = z.infer<typeof AppendReply>;

/** Facts about a live run that are known only now. */
export const ReportStart = z.object({
  epoch: z.number().int().min(1),
  branch: Text.max(250).nullable(),
  baseCommit: Text.max(64).nullable(),
});
export type ReportStart = z.infer<typeof ReportStart>;

/** The name under which {@link Checkpoint}s are kept with a run. */
export const checkpointName = 'checkpoint.json.gz';

/**
 * Where a run stands, so that another worker can go on with it: gzip of JSON. Kept again and again while it works; the last one
 * that arrived whole counts.
 */
export const Checkpoint = z.object({
  version: z.literal(1),
  epoch: z.number().int(),
  /** The name of the worker that made it. */
  worker: z.string().max(255),
  sessionId: z.string(),
  /** Claude Code's transcript of the session, or null when it has none yet. Secrets of the worker are removed. */
  session: z.string().nullable(),
  /** The commit that the patch applies to; null outside repositories. */
  baseCommit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .nullable(),
  /** The change so far, for `git apply --binary`, as base64; null when nothing was changed. */
  patch: z.string().nullable(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** The name under which the commit of a change is kept with its run, as a git bundle `base..commit`. */
export const bundleName = 'change.bundle';
/** The name under which the {@link ChangedFiles} of a run are kept. */
export const filesName = 'change.files.json';
/** With the delivery mode `patch`: the commit for `git am`. */
export const mailName = 'change.patch';

/** Gives a run back without an attempt being counted; it goes on from its last checkpoint. */
export const HandBackRun = z.object({
  epoch: z.number().int().min(1),
  /** Why, as a sentence. */
  text: Text.max(1000),
});
export type HandBackRun = z.infer<typeof HandBackRun>;

export const FinishRun = z.object({
  epoch: z.number().int().min(1),
  /** Chosen by the worker; a repeat gets the same answer. */
  completionId: z.uuid(),
  /** An end that only newer workers know counts as a mistake of the worker: another run may follow. */
  exit: Exit.extend({ outcome: Outcome.catch('worker_error') }),
  result: RunResult.nullable(),
  /** At most what can be counted exactly in millionths. */
  costUsd: z.number().min(0).max(1e9).nullable(),
  stat: DiffStat.nullable(),
  /** The commit of the change, which is kept as `change.bundle`. */
  commit: ObjectId.nullable().default(null),
  checks: z.array(StepResult).max(1000).default([]),
  delivered: Delivered.nullable().default(null),
  /** With `delivery_delayed`: not to be tried again before, where the other side said so. */
  retryAt: Timestamp.nullable().default(null),
  /** The last `n` that the worker numbered; fewer stored lines mean an incomplete transcript. */
  lastN: z.number().int().min(0),
  /** With the outcome `usage_limit`: when the limit resets, where Claude said so. */
  resetsAt: Timestamp.nullable().default(null),
  /** Every item of the inbox up to this one was taken care of; what was said after it goes to the next run. */
  inboxN: z.number().int().min(0).default(0),
});
export type FinishRun = z.output<typeof FinishRun>;

/** What the control stream says (SSE `event:` is the type). */
export const ControlMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel'), runId: RunId, epoch: z.number().int() }),
  /** Somebody took the run away: end its child; what it says from now on is late. */
  z.object({ type: z.literal('stale'), runId: RunId, epoch: z.number().int() }),
  /** Something was said to the run; `n` is the last item of its inbox. */
  z.object({ type: z.literal('inbox'), runId: RunId, epoch: z.number().int(), n: z.number().int() }),
  z.object({ type: z.literal('mode'), ...modeFields }),
  /** The worker was removed: end everything and stop. */
  z.object({ type: z.literal('removed') }),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;

export const Worker = z.object({
  id: WorkerId,
  name: z.string(),
  state: z.enum(['online', 'offline']),
  mode: WorkerMode,
  /** When a draining worker hands back what still runs. */
  drainBy: Timestamp.nullable(),
  trouble: z.string().nullable(),
  /** Why it takes nothing new until it or the orchestrator is renewed, with what to do; null when the versions fit. */
  outdated: z.string().nullable().default(null),
  loginHold: LoginHold.nullable(),
  host: z.string(),
  os: z.string(),
  arch: z.string(),
  version: z.string(),
  nodeVersion: z.string(),
  claude: ClaudeProgram,
  login: Login,
  allowCommands: z.boolean(),
  canDeliver: z.boolean().default(false),
  pools: z.array(z.string()),
  labels: z.array(z.string()),
  capacity: z.number().int(),
  /** As it was when the worker was last heard; null when it never told. */
  disk: Disk.nullable().default(null),
  running: z.array(z.object({ runId: RunId, taskId: TaskId, title: z.string(), startedAt: Timestamp.nullable() })),
  registeredAt: Timestamp,
  lastSeenAt: Timestamp,
});
export type Worker = z.infer<typeof Worker>;

/** How long the runs of a draining worker may still take. */
export const DrainWorker = z.strictObject({ graceSeconds: z.number().int().min(0).max(604_800).default(600) });
export type DrainWorker = z.input<typeof DrainWorker>;
