// The two clocks of a run: time in all, and time without a sign of life. Neither runs while a person is waited for.

export type Timeout = 'run_time' | 'no_output';

/** Calls `onTimeout` once, with the clock that ran out first. */
export class Watchdog {
  private runTimer: ReturnType<typeof setTimeout> | undefined;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;
  private startedAt = 0;
  private isOver = false;
  private isPaused = true;

  /**
   * @param runMs what is left of the run's time; already over when 0 or less
   * @param idleMs time without output
   */
  constructor(
    private runMs: number,
    private readonly idleMs: number,
    private readonly onTimeout: (timeout: Timeout) => void,
  ) {
    this.resume();
  }

  /** Something was said. */
  alive(): void {
    if (this.isOver || this.isPaused) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = this.startIdle();
  }

  /** Stops both clocks until {@link resume}. */
  pause(): void {
    if (this.isOver || this.isPaused) return;
    this.isPaused = true;
    this.runMs -= performance.now() - this.startedAt;
    this.clear();
  }

  resume(): void {
    if (this.isOver || !this.isPaused) return;
    this.isPaused = false;
    this.startedAt = performance.now();
    this.runTimer = setTimeout(() => this.fire('run_time'), Math.max(0, this.runMs));
    this.idleTimer = this.startIdle();
  }

  stop(): void {
    this.isOver = true;
    this.clear();
  }

  private clear(): void {
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
