// Why a run is ended before it ends by itself. Of two reasons the one that says more about the run decides.

/**
 * `cancel`: somebody cancelled it. `stale`: another holds the lease, or nobody knows the run. `shutdown`: the worker
 * stops; the run goes on at its next start. `hand_back`: another worker shall go on with it. `fenced`: the orchestrator was
 * out of reach for so long that it may have given the run to another.
 */
export type StopReason = 'cancel' | 'stale' | 'shutdown' | 'hand_back' | 'fenced';

/** A reason replaces one of a lower rank. Between a cancel and a lost lease the first decides. */
const rank: Record<StopReason, number> = { fenced: 0, hand_back: 1, shutdown: 2, cancel: 3, stale: 3 };

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

  /** The child is ended, the run is not: somebody goes on with it. */
  get isInterrupted(): boolean {
    return this.current !== null && this.current !== 'cancel';
  }

  stop(reason: StopReason): void {
    if (this.current === null || rank[this.current] < rank[reason]) this.current = reason;
    this.controller.abort(new Error(`the run was stopped: ${reason}`));
  }
}
