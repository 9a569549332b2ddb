/** While it has runs a worker does not leave, so a question for work waits at least so long. */
const heldWaitMs = 1_000;

/** How long a worker stays, when it is not for ever. */
export interface ShiftLimits {
  /** It leaves when it has taken so many runs and they have ended. */
  readonly maxRuns: number | undefined;
  /** It leaves when it has had nothing to do for so long, milliseconds; 0: as soon as one question for work is answered with none. */
  readonly exitIfIdleMs: number | undefined;
}

/** Tells a worker that was started for a while, such as a job in a cloud, when it is over. */
export class Shift {
  private taken = 0;
  private idleSince: number;
  private hasAsked = false;

  /** `now`: milliseconds that never go back. */
  constructor(
    private readonly limits: ShiftLimits,
    private readonly now: () => number,
  ) {
    this.idleSince = now();
  }

  /** How many of the free slots it may still fill. */
  room(free: number): number {
    return Math.min(free, (this.limits.maxRuns ?? Infinity) - this.taken);
  }

  /** How long a question for work may wait while the worker has so many runs. */
  waitMs(usual: number, held: number): number {
    const { exitIfIdleMs } = this.limits;
    if (exitIfIdleMs === undefined) return usual;
    const leftMs = this.idleSince + exitIfIdleMs - this.now();
    return Math.min(usual, Math.max(held > 0 ? heldWaitMs : 0, leftMs));
  }

  /** What an answer brought, and how many runs the worker has since. */
  answered(taken: number, held: number): void {
    this.taken += taken;
    this.hasAsked = true;
    if (held > 0) this.idleSince = this.now();
  }

  /** Why no more runs are to be taken, or null. */
  over(held: number): string | null {
    const { maxRuns, exitIfIdleMs } = this.limits;
    if (held > 0) this.idleSince = this.now();
    if (maxRuns !== undefined && this.taken >= maxRuns) return `It has taken its ${maxRuns} runs.`;
    const isIdle = exitIfIdleMs !== undefined && this.hasAsked && this.now() - this.idleSince >= exitIfIdleMs;
    return isIdle ? 'There was nothing to do.' : null;
  }
}
