// Why a run is ended before it ends by itself. The first reason decides, except that a cancel beats a stop of the worker.

/**
 * `cancel`: somebody cancelled it. `stale`: another holds the lease, or nobody knows the run. `shutdown`: the worker
 * stops; the run goes on at its next start.
 */
export type StopReason = 'cancel' | 'stale' | 'shutdown';

/** The switch of one run. */
export class RunControl {
  private readonly controller = new AbortController();
  private current: StopReason | null = null;

  /** Aborted as soon as the run shall end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get reason(): StopReason | null {
    return this.current;
  }

  stop(reason: StopReason): void {
    if (this.current === null || (this.current === 'shutdown' && reason === 'cancel')) this.current = reason;
    this.controller.abort(new Error(`the run was stopped: ${reason}`));
  }
}
