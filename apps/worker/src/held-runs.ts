// The runs that this worker holds, each in a slot of its own.
import type { ClaimedRun, HeartbeatReply, HeldRun } from '@corch/contract';
import { abortable } from './abortable.js';
import type { WorkerContext } from './context.js';
import type { LateRuns } from './late-runs.js';
import type { HandOver, LeaseFacts } from './lease-rules.js';
import type { StopReason } from './run-control.js';
import { RunHold } from './run-hold.js';

/** When the worker stops, what is unsent waits on disk for the next start. */
const flushMs = 3000;
/** Giving back means to upload where the run stands. An orchestrator that is away is not waited for so long. */
const handOverMs = 15_000;

export class HeldRuns {
  private readonly entries = new Map<string, RunHold>();
  private readonly flushed = new AbortController();
  private slotWaiters: (() => void)[] = [];
  /** Told after a run has gone, with its log line written. */
  onGone: () => void = () => undefined;

  constructor(
    private readonly context: WorkerContext,
    private readonly late: LateRuns,
  ) {}

  /** What heartbeats and registration list. */
  list(): HeldRun[] {
    return this.runs.map(({ runId, epoch }) => ({ runId, epoch }));
  }

  get count(): number {
    return this.entries.size;
  }

  /** Workspaces and homes that must not be pruned, by run and session. */
  get runs(): ClaimedRun[] {
    return [...this.entries.values()].map(({ run }) => run);
  }

  /** Takes a run and works on it in the background. A run that is held under the same epoch is not taken twice. */
  async hold(run: ClaimedRun, lease: LeaseFacts): Promise<void> {
    if (this.entries.get(run.runId)?.run.epoch === run.epoch) return;
    // The lost run that it goes on with may still be at work here, and in the same session.
    for (const runId of new Set([run.runId, run.resume?.runId ?? run.runId])) {
      const earlier = this.entries.get(runId);
      earlier?.stop('stale');
      await earlier?.done;
    }
    const hold = new RunHold(run, lease, this.context, this.late, this.flushed.signal);
    this.entries.set(run.runId, hold);
    void hold.done.then(() => {
      if (this.entries.get(run.runId) === hold) this.entries.delete(run.runId);
      this.slotWaiters.splice(0).forEach((resolve) => resolve());
      this.onGone();
    });
  }

  /** Ends a run early. Unknown runs and other epochs are ignored. */
  stop(runId: string, epoch: number, reason: 'cancel' | 'stale'): void {
    const entry = this.entries.get(runId);
    if (entry?.run.epoch === epoch) entry.stop(reason);
  }

  /** What a heartbeat that was sent at `sentAt` (boot clock) said about the runs that it listed. */
  renew(replies: HeartbeatReply['runs'], sentAt: number): void {
    for (const { runId, epoch, state, cancel } of replies) {
      const hold = this.entries.get(runId);
      if (hold?.run.epoch !== epoch) continue;
      // What is not held any more has nobody to cancel it for.
      if (state === 'stale') hold.stop('stale');
      else if (cancel) hold.stop('cancel');
      else hold.renew(sentAt);
    }
  }

  /** Ends the children of the runs that the orchestrator may have given to others by now. */
  judge(handOver: HandOver, now: number, wokeAt: number | null): void {
    for (const hold of this.entries.values()) hold.judge(handOver, now, wokeAt);
  }

  /** Ends all runs and waits until their children are gone; with `shutdown` they go on at the next start. */
  async stopAll(reason: Exclude<StopReason, 'hand_back'>): Promise<void> {
    await this.leaveAll(
      (hold) => hold.stop(reason),
      () => true,
    );
  }

  /** Gives back what has not ended; `text` says why. */
  handBackAll(text: string): void {
    for (const hold of this.entries.values()) hold.handBack(text);
  }

  /**
   * Gives everything back and waits until that is done. What could not be given back in time goes on at the next start.
   *
   * @param isAway whether the orchestrator does not answer
   */
  async handOver(text: string, isAway: () => boolean): Promise<void> {
    await this.leaveAll((hold) => hold.handBack(text), isAway);
  }

  /** SIGKILL for everything that any run started. */
  async kill(): Promise<void> {
    this.flushed.abort();
    await Promise.all(this.runs.map(({ runId }) => this.context.containment.forRun(runId).sweep()));
  }

  /** Resolves when another run has gone, or when `signal` is aborted. */
  slotFreed(signal: AbortSignal): Promise<void> {
    return abortable(signal, (resolve) => this.slotWaiters.push(resolve));
  }

  /** Resolves when no run is held, or when `signal` is aborted. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.count > 0 && !signal.aborted) await this.slotFreed(signal);
  }

  private async leaveAll(leave: (hold: RunHold) => void, isHopeless: () => boolean): Promise<void> {
    const holds = [...this.entries.values()];
    for (const hold of holds) leave(hold);
    const begunAt = performance.now();
    const timer = setInterval(() => {
      const waitedMs = performance.now() - begunAt;
      if (waitedMs >= handOverMs || (waitedMs >= flushMs && isHopeless())) this.flushed.abort();
    }, flushMs / 6);
    await Promise.all(holds.map(({ done }) => done));
    clearInterval(timer);
  }
}
