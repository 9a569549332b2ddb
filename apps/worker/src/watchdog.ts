// The two clocks of a run: time in all, and time without a sign of life.

export type Timeout = 'run_time' | 'no_output';

/** Calls `onTimeout` once, with the clock that ran out first. */
export class Watchdog {
  private readonly runTimer: ReturnType<typeof setTimeout>;
  private idleTimer: ReturnType<typeof setTimeout>;
  private isOver = false;

  /**
   * @param runMs what is left of the run's time; already over when 0 or less
   * @param idleMs time without output
   */
  constructor(
    runMs: number,
    private readonly idleMs: number,
    private readonly onTimeout: (timeout: Timeout) => void,
  ) {
    this.runTimer = setTimeout(() => this.fire('run_time'), Math.max(0, runMs));
    this.idleTimer = this.startIdle();
  }

  /** Something was said. */
  alive(): void {
    if (this.isOver) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = this.startIdle();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.runTimer);
    clearTimeout(this.idleTimer);
  }

  private startIdle(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.fire('no_output'), this.idleMs);
  }

  private fire(timeout: Timeout): void {
    if (this.isOver) return;
    this.stop();
    this.onTimeout(timeout);
  }
}
