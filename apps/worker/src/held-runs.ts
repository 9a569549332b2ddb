// The runs that this worker holds, each in a slot of its own.
import type { ClaimedRun, HeartbeatReply, HeldRun } from '@corch/contract';
import { pause } from '@corch/contract/client';
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
/** A process that ends at once lets its runs note how they stand for so long. */
const noteMs = 2000;

export class HeldRuns {
  private readonly entries = new Map<string, RunHold>();
  private readonly flushed = new AbortController();
  private slotWaiters: (() => void)[] = [];
  /** Set when everything is left: a run that arrives now, since a claim had been answered already, is left too. */
  private leave: (hold: RunHold) => void = () => undefined;
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

  /** Workspaces that runs took over from others. */
  get workspaces(): string[] {
    return [...this.entries.values()].flatMap((hold) => hold.workspace() ?? []);
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
    this.leave(hold);
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

  /** Something was said to a run. Unknown runs and other epochs are ignored. */
  notice(runId: string, epoch: number, inboxN: number): void {
    const entry = this.entries.get(runId);
    if (entry?.run.epoch === epoch) entry.notice(inboxN);
  }

  /** What a heartbeat that was sent at `sentAt` (boot clock) said about the runs that it listed. */
  renew(replies: HeartbeatReply['runs'], sentAt: number): void {
    for (const { runId, epoch, state, cancel, inboxN } of replies) {
      const hold = this.entries.get(runId);
      if (hold?.run.epoch !== epoch) continue;
      // What is not held any more has nobody to cancel it for.
      if (state === 'stale') hold.stop('stale');
      else if (cancel) hold.stop('cancel');
      else hold.renew(sentAt);
      if (state === 'held') hold.notice(inboxN);
    }
  }

  /** Ends the children of the runs that the orchestrator may have given to others by now. */
  judge(handOver: HandOver, now: number, wokeAt: number | null): void {
    for (const hold of this.entries.values()) hold.judge(handOver, now, wokeAt);
  }

  /**
   * Ends all runs and waits until their children are gone; with `shutdown` they go on at the next start.
   *
   * @param arrivals resolves when no run can arrive any more
   */
  async stopAll(reason: Exclude<StopReason, 'hand_back'>, arrivals: Promise<void>): Promise<void> {
    await this.leaveAll(
      (hold) => hold.stop(reason),
      () => true,
      arrivals,
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
   * @param arrivals resolves when no run can arrive any more
   */
  async handOver(text: string, isAway: () => boolean, arrivals: Promise<void>): Promise<void> {
    await this.leaveAll((hold) => hold.handBack(text), isAway, arrivals);
  }

  /** SIGKILL for everything that any run started. That is no end of a run: it goes on at the next start. */
  async kill(): Promise<void> {
    this.flushed.abort();
    const holds = [...this.entries.values()];
    for (const hold of holds) hold.stop('shutdown');
    await Promise.all(this.runs.map(({ runId }) => this.context.containment.forRun(runId).sweep()));
    await Promise.race([Promise.all(holds.map(({ done }) => done)), pause(noteMs)]);
  }

  /** Resolves when another run has gone, or when `signal` is aborted. */
  slotFreed(signal: AbortSignal): Promise<void> {
    return abortable(signal, (resolve) => this.slotWaiters.push(resolve));
  }

  /** Resolves when no run is held, or when `signal` is aborted. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.count > 0 && !signal.aborted) await this.slotFreed(signal);
  }

  private async leaveAll(
    leave: (hold: RunHold) => void,
    isHopeless: () => boolean,
    arrivals: Promise<void>,
  ): Promise<void> {
    this.leave = leave;
    for (const hold of this.entries.values()) leave(hold);
    const begunAt = performance.now();
    const timer = setInterval(() => {
      const waitedMs = performance.now() - begunAt;
      if (waitedMs >= handOverMs || (waitedMs >= flushMs && isHopeless())) this.flushed.abort();
    }, flushMs / 6);
    await arrivals;
    while (this.count > 0) await Promise.all([...this.entries.values()].map(({ done }) => done));
    clearInterval(timer);
  }
}
