// One run in a slot of this worker, from the claim until it is delivered, handed back, or another holds it.
import type { ClaimedRun } from '@corch/contract';
import { inSpan, type Span } from '@corch/telemetry';
import { abortable } from './abortable.js';
import { bootMs } from './boot-clock.js';
import type { WorkerContext } from './context.js';
import { deliverRun } from './deliver-run.js';
import { EventSender } from './event-sender.js';
import { executeRun } from './execute-run.js';
import { handBack } from './hand-back.js';
import type { LateRuns } from './late-runs.js';
import { isSurelyHeld, judgeLease, type HandOver, type LeaseFacts } from './lease-rules.js';
import { RunControl, type StopReason } from './run-control.js';
import { RunFolder } from './run-folder.js';
import { RunInbox } from './run-inbox.js';
import { executionSpan, noteExit } from './run-spans.js';
import { Spool } from './spool.js';

/** What becomes of the folder: removed, left for the next start, left for this or another worker, or its lines are late. */
type Left = 'gone' | 'kept' | 'resting' | 'late';

export class RunHold {
  /** Resolves when the slot is free; never rejects. */
  readonly done: Promise<void>;
  private control = new RunControl();
  private readonly stale = new AbortController();
  private handBackText = '';
  private readonly startedAt = performance.now();
  private isCompleted = false;
  private fencedAt = 0;
  /** Where the run works, as far as that is known. */
  workspace: () => string | null = () => null;
  private inbox: RunInbox | null = null;
  private inboxN = 0;
  private goOn: () => void = () => undefined;

  /** @param flushed aborted when the worker stops and what is unsent has to wait on disk */
  constructor(
    readonly run: ClaimedRun,
    private lease: LeaseFacts,
    private readonly context: WorkerContext,
    private readonly late: LateRuns,
    private readonly flushed: AbortSignal,
  ) {
    this.done = this.work();
  }

  /** Ends the run early. */
  stop(reason: Exclude<StopReason, 'hand_back'>): void {
    this.control.stop(reason);
    if (reason === 'stale') this.stale.abort();
    this.goOn();
  }

  /** The orchestrator answered what was sent at `sentAt` and says that the run is still held here. */
  renew(sentAt: number): void {
    const { renewedAt, askedAt } = this.lease;
    this.lease = { renewedAt: Math.max(sentAt, renewedAt), askedAt: Math.max(sentAt, askedAt), isAcknowledged: true };
    this.goOn();
  }

  /** Something was said to the run; `n` is the last item of its inbox. */
  notice(n: number): void {
    this.inboxN = Math.max(this.inboxN, n);
    this.inbox?.notice(n);
  }

  /** Ends the child when another may have the run by now. */
  judge(handOver: HandOver, now: number, wokeAt: number | null): void {
    if (this.isCompleted || this.control.reason !== null) return;
    if (judgeLease(this.lease, handOver, now, wokeAt) !== 'fence') return;
    const { runId, epoch } = this.run;
    const silentMs = Math.round(now - this.lease.renewedAt);
    this.context.logger.warn('run fenced; it may be held by another', { runId, epoch, silentMs });
    this.fencedAt = now;
    this.control.stop('fenced');
  }

  /** Ends the child and gives the run back; `text` says why. What is completed already is delivered instead. */
  handBack(text: string): void {
    if (this.handBackText === '') this.handBackText = text;
    this.control.stop('hand_back');
    this.goOn();
  }

  private work(): Promise<void> {
    const { containment, config } = this.context;
    containment.expectChild();
    return inSpan('execute', executionSpan(this.run, config.name), (span) => this.execute(span));
  }

  private async execute(span: Span): Promise<void> {
    const { logger, folders } = this.context;
    const { runId, taskId, attempt, epoch } = this.run;
    try {
      const folder = await RunFolder.create(folders.runs, this.run);
      const spool = await Spool.open(folder.path);
      const sender = this.senderOf(spool);
      this.workspace = () => folder.state.workspace?.folder ?? null;
      const inbox = await RunInbox.open(folder, this.context.clientFor(this.run.runToken), logger);
      this.inbox = inbox;
      inbox.notice(this.inboxN);
      let left: Left = 'kept';
      await sender.start();
      logger.info('run started', { runId, taskId, attempt, epoch, starts: folder.state.starts });
      try {
        left = await this.workOn(folder, spool, sender, inbox);
      } finally {
        await inbox.stop();
        await sender.stop();
        await spool.close();
      }
      // A folder that is kept forgets how the run ended.
      const finish = folder.completion?.finish;
      await this.leave(folder, left);
      const durationMs = Math.round(performance.now() - this.startedAt);
      const facts = { runId, taskId, attempt, epoch, durationMs, events: spool.lastN };
      if (finish === undefined) logger.info('run given up', { ...facts, reason: this.control.reason, left });
      else logger.info('run ended', { ...facts, outcome: finish.exit.outcome, code: finish.exit.code });
      span.set({ 'corch.left': left, 'corch.stop_reason': this.control.reason, 'corch.events': spool.lastN });
      if (finish !== undefined) noteExit(span, finish.exit, { 'corch.cost_usd': finish.costUsd });
    } catch (error) {
      span.fail('worker_error');
      // Its folder stays; the next start of the worker tries again, or the orchestrator hands the run over.
      logger.error('run lost in the worker', { runId, error });
    }
  }

  /** Executes what is not completed, then delivers it or hands it back. */
  private async workOn(folder: RunFolder, spool: Spool, sender: EventSender, inbox: RunInbox): Promise<Left> {
    let interrupted = 'The worker was restarted';
    do {
      const { control } = this;
      const elapsedMs = performance.now() - this.startedAt;
      const untilHeld = () => this.untilHeld(control);
      const giveBack = (text: string) => this.handBack(text);
      const execution = { folder, spool, inbox, control, giveBack, interrupted, elapsedMs, untilHeld };
      if (folder.completion === null) {
        const leave = await this.context.suspects.enter(folder, control.signal);
        await executeRun(this.context, execution).finally(leave);
      }
      interrupted = 'The orchestrator was out of reach for too long';
      // A run that was completed meanwhile, or that ended for another reason, is not waited for.
    } while (folder.completion === null && (await this.isHeldAgain()));
    // Its child ended in good order, so nobody has died over it.
    if (folder.completion === null) await folder.saveState({ running: false });
    this.isCompleted = folder.completion !== null;
    if (folder.completion !== null) return this.deliver(folder, folder.completion, { spool, sender });
    if (this.control.reason === 'stale') return 'late';
    if (this.control.reason === 'hand_back') {
      return handBack(this.context, folder, sender, this.handBackText, this.flushed);
    }
    await sender.drain(this.flushed);
    return 'kept';
  }

  /** Resolves when a child may start, or when the run is stopped. */
  private async untilHeld({ signal }: RunControl): Promise<void> {
    while (!signal.aborted && !isSurelyHeld(this.lease, this.context.handOver(), bootMs())) await this.news(signal);
  }

  /** Resolves when the orchestrator or this worker has said something about the run, or when `signal` is aborted. */
  private news(signal?: AbortSignal): Promise<void> {
    const said = (resolve: () => void) => (this.goOn = resolve);
    return signal === undefined ? new Promise(said) : abortable(signal, said);
  }

  /**
   * Waits with a fenced run until the orchestrator says whose it is.
   *
   * @returns true when it goes on here
   */
  private async isHeldAgain(): Promise<boolean> {
    while (this.control.reason === 'fenced') {
      if (this.lease.renewedAt > this.fencedAt) {
        this.control = new RunControl();
        return true;
      }
      await this.news();
    }
    return this.control.reason === 'cancel';
  }

  private async deliver(
    folder: RunFolder,
    completion: NonNullable<RunFolder['completion']>,
    lines: { readonly spool: Spool; readonly sender: EventSender },
  ): Promise<Left> {
    const { signal } = this.stale;
    const left = await deliverRun(this.context, folder, completion, lines, this.flushed, signal);
    return left === 'kept' && signal.aborted ? 'late' : left;
  }

  private async leave(folder: RunFolder, left: Left): Promise<void> {
    // Somebody may say more to it.
    const isKept = folder.run.spec.executor === 'claude' && folder.state.workspace !== null;
    if (left === 'gone') await (isKept ? folder.rest(true) : folder.remove());
    if (left === 'resting') await folder.rest();
    if (left === 'late') await this.late.take(folder);
  }

  private senderOf(spool: Spool): EventSender {
    const { context } = this;
    return new EventSender(
      context.clientFor(this.run.runToken),
      this.run,
      spool,
      context.intervals(),
      { onCancel: () => this.stop('cancel'), onStale: () => this.stop('stale'), onInbox: (n) => this.notice(n) },
      context.logger,
      () => context.leasesLookedAt(),
    );
  }
}
