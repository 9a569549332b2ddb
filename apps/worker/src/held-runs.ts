// The runs that this worker holds, from claim to acknowledged finish.
import type { ClaimedRun, HeldRun } from '@corch/contract';
import type { WorkerContext } from './context.js';
import { deliverRun } from './deliver-run.js';
import { EventSender } from './event-sender.js';
import { executeRun } from './execute-run.js';
import { abortable } from './abortable.js';
import { RunControl, type StopReason } from './run-control.js';
import { RunFolder } from './run-folder.js';
import { Spool } from './spool.js';

/** After a lease is lost, the last lines are still offered for a moment; they are kept as late. */
const lateMs = 5000;
/** When the worker stops, what is unsent waits on disk for the next start. */
const flushMs = 3000;

interface Entry {
  readonly run: ClaimedRun;
  readonly control: RunControl;
  done: Promise<void>;
}

export class HeldRuns {
  private readonly entries = new Map<string, Entry>();
  private readonly flushed = new AbortController();
  private slotWaiters: (() => void)[] = [];
  /** Told after a run has gone, with its log line written. */
  onGone: () => void = () => undefined;

  constructor(private readonly context: WorkerContext) {}

  /** What heartbeats and registration list. */
  list(): HeldRun[] {
    return [...this.entries.values()].map(({ run }) => ({ runId: run.runId, epoch: run.epoch }));
  }

  get count(): number {
    return this.entries.size;
  }

  /** Workspaces and homes that must not be pruned, by run and session. */
  get runs(): ClaimedRun[] {
    return [...this.entries.values()].map(({ run }) => run);
  }

  /** Takes a run and works on it in the background. A run that is held under the same epoch is not taken twice. */
  async hold(run: ClaimedRun): Promise<void> {
    const earlier = this.entries.get(run.runId);
    if (earlier?.run.epoch === run.epoch) return;
    if (earlier !== undefined) {
      earlier.control.stop('stale');
      await earlier.done;
    }
    const control = new RunControl();
    const entry: Entry = { run, control, done: Promise.resolve() };
    this.entries.set(run.runId, entry);
    entry.done = this.work(entry).finally(() => {
      this.entries.delete(run.runId);
      this.slotWaiters.splice(0).forEach((resolve) => resolve());
      this.onGone();
    });
  }

  /** Ends a run early. Unknown runs and other epochs are ignored. */
  stop(runId: string, epoch: number, reason: StopReason): void {
    const entry = this.entries.get(runId);
    if (entry?.run.epoch === epoch) entry.control.stop(reason);
  }

  /** Ends all runs and waits until their children are gone; with `shutdown` they go on at the next start. */
  async stopAll(reason: StopReason): Promise<void> {
    const timer = setTimeout(() => this.flushed.abort(), flushMs);
    const entries = [...this.entries.values()];
    for (const { control } of entries) control.stop(reason);
    await Promise.all(entries.map(({ done }) => done));
    clearTimeout(timer);
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

  private async work({ run, control }: Entry): Promise<void> {
    const { logger, folders, containment } = this.context;
    const { runId, taskId, attempt, epoch } = run;
    const startedAt = performance.now();
    containment.expectChild();
    try {
      const folder = await RunFolder.create(folders.runs, run);
      const spool = await Spool.open(folder.path);
      const sender = this.senderOf(run, spool, control);
      await sender.start();
      logger.info('run started', { runId, taskId, attempt, epoch, starts: folder.state.starts });
      try {
        const isGone = await this.execute(folder, spool, sender, control);
        if (isGone) await folder.remove();
      } finally {
        await sender.stop();
        await spool.close();
      }
      const exit = folder.completion?.finish.exit;
      const durationMs = Math.round(performance.now() - startedAt);
      const facts = { runId, taskId, attempt, epoch, durationMs, events: spool.lastN };
      if (exit === undefined) logger.info('run given up', { ...facts, reason: control.reason });
      else logger.info('run ended', { ...facts, outcome: exit.outcome, code: exit.code });
    } catch (error) {
      // Its folder stays; the next start of the worker tries again, or the orchestrator hands the run over.
      logger.error('run lost in the worker', { runId, error });
    }
  }

  /** Executes what is not completed, then delivers. True when nothing of the run has to be kept. */
  private async execute(folder: RunFolder, spool: Spool, sender: EventSender, control: RunControl): Promise<boolean> {
    if (folder.completion === null) {
      const state = await executeRun(this.context, { folder, spool, control });
      if (state === 'kept') {
        const isStale = control.reason === 'stale';
        const patience = isStale ? AbortSignal.timeout(lateMs) : this.flushed.signal;
        await sender.drain(AbortSignal.any([patience, this.flushed.signal]));
        return isStale;
      }
    }
    const { completion } = folder;
    if (completion === null) return false;
    return deliverRun(this.context, folder, completion, sender, this.flushed.signal);
  }

  private senderOf(run: ClaimedRun, spool: Spool, control: RunControl): EventSender {
    const { context } = this;
    return new EventSender(
      context.clientFor(run.runToken),
      run,
      spool,
      context.intervals(),
      { onCancel: () => control.stop('cancel'), onStale: () => control.stop('stale') },
      context.logger,
    );
  }
}
