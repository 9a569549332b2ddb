import { RunQueue, type Announcement, type QueueCounts } from './run-queue.js';
import { WaitingClaims } from './waiting-claims.js';

/** The longest delay that a Node timer takes; for what is further away it is set again then. */
const maxTimerMs = 2 ** 31 - 1;

/** The queue of one process: signals in memory and one timer for the nearest delayed run. */
export class EmbeddedRunQueue extends RunQueue {
  protected override readonly claims = new WaitingClaims();
  private readonly delayed = new Map<string, Announcement>();
  private timer: NodeJS.Timeout | undefined;
  /** What the timer is set to. */
  private nextAt = Infinity;
  private isClosed = false;

  constructor(private readonly now: () => number = Date.now) {
    super();
  }

  override announce(run: Announcement): void {
    if (this.isClosed) return;
    if (run.readyAt <= this.now()) {
      this.delayed.delete(run.runId);
      void this.claims.offer(run.pool);
      return;
    }
    this.delayed.set(run.runId, run);
    if (run.readyAt < this.nextAt) this.setTimer(run.readyAt);
  }

  override claimed(runs: readonly Pick<Announcement, 'runId'>[]): void {
    for (const { runId } of runs) this.delayed.delete(runId);
  }

  override withdraw({ runId }: Pick<Announcement, 'runId'>): void {
    this.delayed.delete(runId);
  }

  override wake(pool: string): void {
    void this.claims.offerAll(pool);
  }

  override onLost(): void {
    // Memory is lost with the process alone.
  }

  override counts(): Promise<QueueCounts> {
    return Promise.resolve({ waiting: this.claims.size, ready: 0, delayed: this.delayed.size });
  }

  override close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.delayed.clear();
    this.claims.close();
    return Promise.resolve();
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
        void this.claims.offer(run.pool);
      }
    }
    this.setTimer(next);
  }
}
