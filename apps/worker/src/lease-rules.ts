// When a worker that hears nothing must take its own runs for lost. Pure; the clocks are in `lease-watch.ts`.
import type { WorkerIntervals } from '@corch/contract';

/** Ending a child takes two seconds at most, and clocks of two machines run apart. */
const marginMs = 2000;
const marginPart = 0.1;
/** Of short windows (tests) most has to remain. */
const maxMarginPart = 0.2;
/** After a sleep the orchestrator is asked first, and has so long to answer. */
export const askMs = 5000;
/** A timer that comes so late was not late by itself: the machine slept, or the process was stopped. */
const sleepMs = 4000;

/** How long the orchestrator waits with giving a run to another, from the last sign of life on. */
export interface HandOver {
  readonly renewedMs: number;
  readonly unackedMs: number;
}

/** An older orchestrator tells nothing; then a run is lost once its lease has expired and the worker was away as declared. */
export function handOverOf(intervals: WorkerIntervals, lostAfterMs: number): HandOver {
  const renewedMs = intervals.handOverMs ?? Math.max(intervals.leaseMs, lostAfterMs);
  return { renewedMs, unackedMs: Math.min(intervals.unackedMs ?? renewedMs, renewedMs) };
}

/** What is known of one run, on the clock that goes on during sleep. */
export interface LeaseFacts {
  /** When the last renewal that was answered had been sent; of a claim, when its answer was read. */
  readonly renewedAt: number;
  /** When what was answered last had been sent: from then on the orchestrator waits, at least. A claim may have waited for work. */
  readonly askedAt: number;
  /** Something was answered since the claim. */
  readonly isAcknowledged: boolean;
}

/** `ask`: the lease may be over, but only because this machine slept; the orchestrator is asked before anything is ended. */
export function judgeLease(
  lease: LeaseFacts,
  handOver: HandOver,
  now: number,
  wokeAt: number | null,
): 'hold' | 'ask' | 'fence' {
  if (now < lease.renewedAt + safeMs(lease, handOver)) return 'hold';
  return wokeAt !== null && now < wokeAt + askMs ? 'ask' : 'fence';
}

/**
 * Whether nobody else can have the run, so that a child may start. An answer to a claim may have lain somewhere (the process was
 * stopped, a proxy held it) until the run was handed back.
 */
export function isSurelyHeld(lease: LeaseFacts, handOver: HandOver, now: number): boolean {
  return now < lease.askedAt + safeMs(lease, handOver);
}

function safeMs({ isAcknowledged }: LeaseFacts, { renewedMs, unackedMs }: HandOver): number {
  const windowMs = isAcknowledged ? renewedMs : unackedMs;
  return windowMs - Math.min(Math.max(marginMs, windowMs * marginPart), windowMs * maxMarginPart);
}

/** Two readings of both clocks. */
export interface Clocks {
  readonly boot: number;
  readonly wall: number;
}

/** Whether the machine slept between two looks that were to be `expectedMs` apart. A wall clock that was set back says nothing. */
export function hasSlept(before: Clocks, now: Clocks, expectedMs: number): boolean {
  return Math.max(now.boot - before.boot, now.wall - before.wall) > expectedMs + sleepMs;
}
