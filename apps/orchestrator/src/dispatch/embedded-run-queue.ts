import { RunQueue, type Announcement, type QueueCounts } from './run-queue.js';

interface Waiter {
  readonly pools: readonly string[];
  wake(): void;
}

/** The longest delay that a Node timer takes; what is further away is announced again by the reconciler. */
const maxTimerMs = 2 ** 31 - 1;

/** The queue of one process: signals in memory and one timer for the nearest delayed run. */
export class EmbeddedRunQueue extends RunQueue {
  private readonly waiters = new Set<Waiter>();
  private readonly delayed = new Map<string, Announcement>();
  private timer: NodeJS.Timeout | undefined;
  /** What the timer is set to. */
  private nextAt = Infinity;
  private closed = false;

  /** `pollMs`: a wait ends after this long at the latest, so that a lost signal costs no more. */
  constructor(
    private readonly pollMs: number,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override announce(run: Announcement): void {
    if (this.closed) return;
    if (run.readyAt <= this.now()) {
      this.delayed.delete(run.runId);
      this.wake(run.pool);
      return;
    }
    this.delayed.set(run.runId, run);
    if (run.readyAt < this.nextAt) this.setTimer(run.readyAt);
  }

  override wait(pools: readonly string[], signal: AbortSignal, timeoutMs: number): Promise<void> {
    if (this.closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { pools, wake };
      const timer = setTimeout(wake, Math.max(0, Math.min(timeoutMs, this.pollMs)));
      signal.addEventListener('abort', wake, { once: true });
      this.waiters.add(waiter);
    });
  }

  override counts(): Promise<QueueCounts> {
    return Promise.resolve({ waiting: this.waiters.size, delayed: this.delayed.size });
  }

  override close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.delayed.clear();
    for (const waiter of [...this.waiters]) waiter.wake();
    return Promise.resolve();
  }

  private wake(pool: string): void {
    for (const waiter of [...this.waiters]) if (waiter.pools.includes(pool)) waiter.wake();
  }

  /** One timer, for the nearest delayed run. */
  private setTimer(at: number): void {
    clearTimeout(this.timer);
    this.nextAt = at;
    if (at === Infinity) return;
    this.timer = setTimeout(() => this.release(), Math.min(Math.max(0, at - this.now()), maxTimerMs));
    this.timer.unref();
  }

  private release(): void {
    const now = this.now();
    let next = Infinity;
    for (const run of [...this.delayed.values()]) {
      if (run.readyAt > now) next = Math.min(next, run.readyAt);
      else {
        this.delayed.delete(run.runId);
        this.wake(run.pool);
      }
    }
    this.setTimer(next);
  }
}
