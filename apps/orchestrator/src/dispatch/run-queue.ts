import type { WaitingClaims } from './waiting-claims.js';

/** A run that waits for a worker, or will from `readyAt` on. */
export interface Announcement {
  readonly runId: string;
  /** The epoch of its last lease; with the id it names this wait of the run and no other. */
  readonly epoch: number;
  readonly pool: string;
  /** As the task says: more goes first. */
  readonly priority: number;
  /** Epoch milliseconds; in the past for a run that is ready. */
  readonly readyAt: number;
}

export interface QueueCounts {
  /** Claims of this process that wait for work. */
  readonly waiting: number;
  /** Announced runs whose time has come and that nobody has claimed, where that is known. */
  readonly ready: number;
  /** Announced runs whose time has not come. */
  readonly delayed: number;
}

/** One claim that waits for work. It says when it looks into the database, so that no run slips through in between. */
export interface WaitingClaim {
  /** Before each look: what is announced from now on will wake it, even when the look does not find it. */
  looks(): void;
  /** After each look: how many runs it took. */
  took(count: number): void;
  /** Resolves when there may be work, after `timeoutMs`, when it is aborted or the queue closed. Never rejects. */
  woken(timeoutMs: number): Promise<void>;
  /** It waits no more; a run that it was woken for is offered to another. */
  end(): void;
}

/**
 * Says that a pool has work; never which run is next, and never more than a hint. The database decides, and the poll finds what a
 * hint was lost for. A run that is announced wakes one claim, and the next one when that could not take it.
 */
export abstract class RunQueue {
  /** Claims of this process that wait. */
  protected abstract readonly claims: WaitingClaims;

  /** Wakes a claim that waits for the pool: now, or when the run's time has come. Announcing a run again is harmless. */
  abstract announce(run: Announcement): void;

  /** These runs were claimed; `epoch` is that of their announcement. */
  abstract claimed(runs: readonly Pick<Announcement, 'runId' | 'epoch' | 'pool'>[]): void;

  /** The run waits no more, and nobody has claimed it: nothing is kept of its announcement, which may be for a time far ahead. */
  abstract withdraw(run: Pick<Announcement, 'runId' | 'epoch' | 'pool'>): void;

  /** Wakes claims that wait for the pool although no run was added, as long as each takes one: more of its runs may be taken now. */
  abstract wake(pool: string): void;

  /** Wakes one claim of these workers, on this process. True when there was one, or one is about to look. */
  offer(pool: string, workerIds: ReadonlySet<string>): boolean {
    if (this.claims.idle(pool) === 0) return false;
    void this.claims.offer(pool, workerIds);
    return true;
  }

  /** A claim of a worker begins to wait, until it is ended or `signal` is aborted. */
  enter(workerId: string, pools: readonly string[], signal: AbortSignal): WaitingClaim {
    return this.claims.enter(workerId, pools, signal);
  }

  /** Pools that claims of this process wait for. */
  waitingPools(): string[] {
    return this.claims.pools();
  }

  /** Calls `listener` when what was announced may be gone, so that everything has to be announced again. */
  abstract onLost(listener: () => void): void;

  abstract counts(): Promise<QueueCounts>;

  /** Wakes everybody who waits; from then on nothing waits any more. */
  abstract close(): Promise<void>;
}
