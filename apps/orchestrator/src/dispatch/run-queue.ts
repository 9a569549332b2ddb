/** A run that waits for a worker, or will from `readyAt` on. */
export interface Announcement {
  readonly runId: string;
  readonly pool: string;
  /** Epoch milliseconds; in the past for a run that is ready. */
  readonly readyAt: number;
}

export interface QueueCounts {
  /** Claims that wait for work. */
  readonly waiting: number;
  /** Announced runs whose time has not come. */
  readonly delayed: number;
}

/**
 * Says that a pool has work; never which run is next, and never more than a hint. The database decides, and the reconciler
 * announces again what a hint was lost for.
 *
 * A caller begins to `wait` before it looks into the database, so that a run which is announced in between wakes it.
 */
export abstract class RunQueue {
  /** Wakes claims that wait for the pool: now, or when the run's time has come. Announcing a run again is harmless. */
  abstract announce(run: Announcement): void;

  /**
   * Resolves when one of the pools may have work, when `signal` is aborted, after `timeoutMs`, or when the queue is closed, but at
   * the latest after the safety interval of the adapter. Never rejects.
   */
  abstract wait(pools: readonly string[], signal: AbortSignal, timeoutMs: number): Promise<void>;

  abstract counts(): Promise<QueueCounts>;

  /** Wakes everybody who waits; from then on nothing waits any more. */
  abstract close(): Promise<void>;
}
