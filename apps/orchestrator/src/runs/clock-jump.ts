// Tells time that passed from a clock that was set. Pure.

/** What the two clocks of a machine said in the same moment. */
export interface Reading {
  /** Epoch milliseconds; may be set at any time, also backwards. */
  readonly wall: number;
  /** Only ever goes on, and stands still while the machine sleeps. */
  readonly monotonic: number;
}

export interface Span {
  /** Time that passed for this process, whole milliseconds. */
  readonly passedMs: number;
  /** How far the wall clock was set beyond that: positive also for a machine that slept. 0 for what is within the tolerance. */
  readonly jumpMs: number;
}

/** What happened between two readings. Clocks are slewed and read one after the other, so a difference up to `toleranceMs` is none. */
export function between(before: Reading, now: Reading, toleranceMs: number): Span {
  // PostgreSQL compares it with whole numbers and refuses a fraction.
  const passedMs = Math.round(now.monotonic - before.monotonic);
  const jumpMs = now.wall - before.wall - passedMs;
  return { passedMs, jumpMs: Math.abs(jumpMs) > toleranceMs ? Math.round(jumpMs) : 0 };
}
