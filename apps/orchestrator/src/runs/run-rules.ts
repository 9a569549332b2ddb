// Decides, without acting: which moves are legal, how a run that ended is judged, and what follows.
import {
  finalStatuses,
  outcomeRow,
  type Backoff,
  type Executor,
  type Exit,
  type FinalStatus,
  type Outcome,
  type Reason,
  type Retry,
  type Status,
} from '@corch/contract';

interface MoveRow {
  readonly from: readonly Status[];
  readonly to: readonly Status[];
  /** The holder is fenced off: from here on its calls are stale. */
  readonly newEpoch: boolean;
}

/**
 * Every way a run can go. Nothing leads out of a final status.
 *
 * ```
 *             promote           claim            finish
 * scheduled ─────────► queued ─────────► running ───────► succeeded | failed | cancelled | timed_out
 *     │                │ ▲ ▲  handBack    │ │ │ │   lose
 *     │                │ │ │  release     │ │ │ └───────► failed
 *     │                │ │ └──────────────┘ │ │   abandon
 *     │                │ │ resume      park │ └─────────► cancelled (unconfirmed)
 *     │      cancel    │ └─── waiting ◄─────┘
 *     └────────┬───────┘          │
 *              ▼                  │
 *          cancelled ◄────────────┘        (blocked is cancelled in the same way)
 * ```
 */
export const moves = {
  promote: { from: ['scheduled'], to: ['queued'], newEpoch: false },
  claim: { from: ['queued'], to: ['running'], newEpoch: true },
  /** The worker never began, or stops and gives the run back; it counts as no attempt. */
  handBack: { from: ['running'], to: ['queued'], newEpoch: false },
  /** Taken from its worker by a person. */
  release: { from: ['running'], to: ['queued'], newEpoch: true },
  /** It cannot go on now, and holds neither slot nor lease until it can. */
  park: { from: ['running'], to: ['waiting'], newEpoch: false },
  resume: { from: ['waiting'], to: ['queued'], newEpoch: false },
  finish: { from: ['running'], to: finalStatuses, newEpoch: false },
  /** The worker was away for too long. */
  lose: { from: ['running'], to: ['failed'], newEpoch: true },
  cancel: { from: ['scheduled', 'blocked', 'queued', 'waiting'], to: ['cancelled'], newEpoch: false },
  /** Cancel was asked for, and the worker is silent. */
  abandon: { from: ['running'], to: ['cancelled'], newEpoch: true },
} as const satisfies Record<string, MoveRow>;

export type Move = keyof typeof moves;

/** The row of one move, with the widened type that readers want. */
export function moveRow(move: Move): MoveRow {
  return moves[move];
}

/** Whether `move` may take a run from one status to another. */
export function isLegal(move: Move, from: Status, to: Status): boolean {
  const row = moveRow(move);
  return row.from.includes(from) && row.to.includes(to);
}

/** A run that ended, judged. */
export interface Settled {
  readonly status: FinalStatus | 'waiting';
  readonly reason: Reason | null;
  readonly retry: Retry;
  /** The outcome that counts, where it is not the one that the worker named. */
  readonly outcome: Outcome;
}

/**
 * Judges how a run ended. A success stands even when cancel was asked for meanwhile; everything else is then a cancel. A worker
 * that calls something cancelled that nobody cancelled has lost the child to somebody else.
 */
export function settle(exit: Pick<Exit, 'outcome'>, cancelRequested: boolean, executor: Executor): Settled {
  const outcome = judged(exit.outcome, cancelRequested, executor);
  const { status, reason, retry } = outcomeRow(outcome);
  return { status, reason, retry, outcome };
}

const killed = { claude: 'agent_killed', command: 'command_killed', deliver: 'delivery_delayed' } as const;

function judged(outcome: Outcome, cancelRequested: boolean, executor: Executor): Outcome {
  if (outcome === 'succeeded') return outcome;
  if (cancelRequested) return 'cancelled';
  if (outcome !== 'cancelled') return outcome;
  return killed[executor];
}

/** Failures in a row since a person last asked for a run: nobody's fault, the task's own, and lost workers. */
export interface Failures {
  readonly infraFailures: number;
  readonly ownFailures: number;
  readonly workerLosses: number;
}

/** As it is for a run that a person asked for. */
export const noFailures: Failures = { infraFailures: 0, ownFailures: 0, workerLosses: 0 };

/** A run that took two workers with it takes no third one. */
const maxWorkerLosses = 2;
const maxLostDelayMs = 2000;

export interface RetryPolicy {
  /** Further runs that the task allows after its own failures. */
  readonly retries: number;
  readonly backoff: Backoff;
  /** Further runs after failures that are nobody's fault. */
  readonly infraRetries: number;
}

/** The next run. */
export interface NextRun extends Failures {
  readonly delayMs: number;
}

/** Whether another run may follow by itself at all. */
export function mayFollow(retry: Retry): retry is Exclude<Retry, 'never' | 'park'> {
  return retry !== 'never' && retry !== 'park';
}

/**
 * What follows a failure: the next run with its pause, or null when the task ends here. `before` counts the failures before this
 * one; `random` is in [0, 1).
 */
export function afterExit(retry: Retry, before: Failures, policy: RetryPolicy, random: number): NextRun | null {
  if (!mayFollow(retry)) return null;
  const infraFailures = before.infraFailures + (retry === 'infra' ? 1 : 0);
  const ownFailures = before.ownFailures + (retry === 'attempt' ? 1 : 0);
  const workerLosses = before.workerLosses + (retry === 'lost' ? 1 : 0);
  const isOver = infraFailures > policy.infraRetries || ownFailures > policy.retries || workerLosses >= maxWorkerLosses;
  if (isOver) return null;
  const counted = { infra: infraFailures, attempt: ownFailures, lost: workerLosses }[retry];
  // A lost worker was waited for long enough.
  const delayMs = retry === 'lost' ? Math.min(policy.backoff.delayMs, maxLostDelayMs) : policy.backoff.delayMs;
  const pause = backoffMs({ ...policy.backoff, delayMs }, counted, random);
  return { infraFailures, ownFailures, workerLosses, delayMs: pause };
}

/** The pause after failure number `failures` (1, 2 …), with ±20 % jitter and never over the cap, whole milliseconds. */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  // 2^40 times any delay is over every cap; beyond, the product would leave the numbers that count exactly.
  const factor = backoff.type === 'fixed' ? 1 : 2 ** Math.min(failures - 1, 40);
  const base = Math.min(backoff.delayMs * factor, backoff.maxMs);
  return Math.min(Math.round(base * (0.8 + 0.4 * random)), backoff.maxMs);
}

/** When nobody said when the limit resets, the login is tried again after this. */
const unknownResetMs = 15 * 60_000;
/** A reset that is due already, or that two clocks disagree about. */
const minParkMs = 1000;
/** The longest plan window has seven days; a later reset is a mistake. */
const maxParkMs = 8 * 86_400_000;

/** When a login whose plan limit is reached may be tried again. `resetsAt` is what Claude said; milliseconds. */
export function limitEndsAt(resetsAt: number | null, now: number): number {
  return Math.min(Math.max(resetsAt ?? now + unknownResetMs, now + minParkMs), now + maxParkMs);
}

/** The longest time that another side may have a retry wait. */
const maxRetryWaitMs = 86_400_000;

/** When a run that was sent away until `notBefore` may be tried again; milliseconds. */
export function retryTime(notBefore: number | null, now: number): number {
  return notBefore === null ? now : Math.min(notBefore, now + maxRetryWaitMs);
}

/** The place in the line: smaller goes first. Milliseconds; one point of priority is one second of waiting. */
export function dispatchKey(readyAt: number, priority: number): number {
  return readyAt - priority * 1000;
}

/** `corch/7k2m9q-fix-the-parser`, and `…-r2` for the second run. Valid as a git branch whatever the title holds. */
export function branchName(taskId: string, title: string, attempt: number): string {
  return branchFrom('corch/{task}-{title}', taskId, title, attempt);
}

/** A branch by the template of a repository. Where that does not name the run, further runs still get branches of their own. */
export function branchFrom(template: string, taskId: string, title: string, attempt: number): string {
  const values: Record<string, string> = { task: taskId.slice(-6), title: slugOf(title), run: String(attempt) };
  const name = template.replaceAll(/\{(\w+)\}/g, (whole, field: string) => values[field] ?? whole);
  return attempt > 1 && !template.includes('{run}') ? `${name}-r${attempt}` : name;
}

function slugOf(title: string): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return slug || 'task';
}

/**
 * When a silent worker's run is lost: once its lease has expired and it was away for as long as it declared, capped.
 * `leaseExpiresAt` is `leaseMs` after the last sign of life.
 */
export function lostAt(leaseExpiresAt: number, leaseMs: number, lostAfterMs: number, capMs: number): number {
  return Math.max(leaseExpiresAt, leaseExpiresAt - leaseMs + Math.min(lostAfterMs, capMs));
}
