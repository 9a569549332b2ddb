import { Inject, Injectable } from '@nestjs/common';
import { isFinal, outcomeRow, type Exit, type FinishRun, type HandBackRun, type Run } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { racePoint } from '../common/race-point.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { Meters } from '../metrics/meters.js';
import { ControlFeed } from '../workers/control-feed.js';
import { Conversation } from './conversation.service.js';
import { Deliveries } from './deliveries.service.js';
import { staleLease } from './leases.service.js';
import { LoginsService } from './logins.service.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { exitSentence } from './run-reasons.js';
import { afterExit, limitEndsAt, mayFollow, retryTime, settle, type Settled } from './run-rules.js';
import { traceEnd } from './run-spans.js';
import { RunStatus, type Tx } from './run-status.js';
import { spentMs } from './run-time.js';
import type { RunResultRow, RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';
import { TranscriptsService } from './transcripts.service.js';

/** What became of a final report. A refusal is thrown after the commit, so that its note is kept. */
interface Taken {
  readonly row: RunRow;
  /** The result that was stored with it; null when it has to be read. */
  readonly result: RunResultRow | null;
  readonly isNew: boolean;
  readonly refusal: AppError | null;
}

/** How a run leaves `running`: it finishes, is parked, handed back, taken away or lost. And what follows. */
@Injectable()
export class RunEnds {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunsService) private readonly service: RunsService,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
    @Inject(Conversation) private readonly talk: Conversation,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(LoginsService) private readonly logins: LoginsService,
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(Meters) private readonly meters: Meters,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Takes the final report of a worker. The first one wins; the same `completionId` again gets the run as it was stored. One that
   * comes too late is kept as a note and moves nothing.
   * @throws AppError `run_finished`, `stale_lease` or `run_not_found`.
   */
  async finish(runId: string, report: FinishRun): Promise<Run> {
    const taken = await this.database.write<Taken>(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      const run = await this.runs.lock(manager, runId);
      if (run === null)
        throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
      if (run.completionId === report.completionId) return { row: run, result: null, isNew: false, refusal: null };
      if (run.status !== 'running' || run.leaseEpoch !== report.epoch) {
        return { row: run, result: null, isNew: false, refusal: await this.refuse(tx, run, report) };
      }
      return { ...(await this.settle(tx, run, report)), isNew: true, refusal: null };
    });
    await racePoint('finish.committed');
    if (taken.refusal !== null) throw taken.refusal;
    if (taken.isNew && isFinal(taken.row.status)) this.transcripts.compactLater(taken.row);
    return this.service.view(taken.row, taken.result);
  }

  /**
   * Puts a run back in line that its worker gives back, to go on from its last checkpoint. Saying it again is fine.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  async takeBack(runId: string, { epoch, text }: HandBackRun): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      const run = await this.runs.lock(manager, runId);
      if (run === null)
        throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
      if (isTakenBack(run) && run.leaseEpoch === epoch) return;
      if (run.status !== 'running' || run.leaseEpoch !== epoch) throw staleLease(run, epoch);
      // Nobody works on it any more, which is what was asked for.
      if (run.cancelRequestedAt !== null) return this.abandon(tx, run, true);
      // It could go on nowhere as long as nobody has decided what it asked.
      if (run.askedSince !== null) return this.restUntilDecided(tx, run, text);
      await this.rest(tx, run, 'handBack', text);
    });
  }

  /**
   * Takes the current run of a task from its worker and puts it back in line.
   * @throws AppError `task_not_found`, `task_not_running`, or `worker_answers` without `force`.
   */
  async release(taskId: string, by: string, force: boolean): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      const run = await this.service.lockCurrent(manager, taskId);
      if (run.status !== 'running') {
        throw new AppError('task_not_running', `The task is ${run.status}.`, { currentStatus: run.status });
      }
      if (!force && run.leaseExpiresAt !== null && run.leaseExpiresAt > this.clock()) {
        throw new AppError('worker_answers', `The worker ${run.workerName} answers and works on it.`);
      }
      await this.takeAway(tx, run, `${by} took it from the worker ${run.workerName}.`);
      const { id, workerId, leaseEpoch: epoch } = run;
      afterCommit(() => {
        if (workerId !== null) this.control.push(workerId, { type: 'stale', runId: id, epoch });
      });
    });
  }

  /** Puts a running run back in line that its worker did not give back; one that was to be cancelled ends. `run` is locked. */
  async takeAway(tx: Tx, run: RunRow, text: string): Promise<void> {
    if (run.cancelRequestedAt !== null) return this.abandon(tx, run);
    await this.rest(tx, run, 'release', text, { logIncomplete: true });
  }

  /** Ends a run whose worker was away for too long, and opens the next one. `run` is locked. */
  async lose(tx: Tx, run: RunRow, message: string): Promise<void> {
    const exit: Exit = { outcome: 'worker_lost', code: null, signal: null, message };
    await this.insertPlainResult(tx, run, exit);
    const { reason, retry } = settle(exit, false, run.executor);
    const target = { to: 'failed', reason, text: exitSentence(exit), patch: { logIncomplete: true } } as const;
    const lost = await this.status.move(tx, run, 'lose', target);
    await this.talk.settle(tx, lost, 0, await this.openNext(tx, lost, retry));
    this.logEnd(tx, lost, exit);
    tx.afterCommit(() => this.transcripts.compactLater(lost));
  }

  /** Ends a run that was to be cancelled; unless `confirmed`, its worker is silent. `run` is locked. */
  async abandon(tx: Tx, run: RunRow, confirmed = false): Promise<void> {
    const message = confirmed ? null : 'Its worker did not confirm it.';
    const exit: Exit = { outcome: 'cancelled', code: null, signal: null, message };
    await this.insertPlainResult(tx, run, exit);
    const text = confirmed ? exitSentence(exit) : 'Cancelled while its worker was silent.';
    const patch = { confirmed, logIncomplete: run.logIncomplete || !confirmed };
    const reason = confirmed ? 'user' : 'unconfirmed';
    const ended = await this.status.move(tx, run, 'abandon', { to: 'cancelled', reason, text, patch });
    await this.talk.settle(tx, ended, 0, null);
    this.logEnd(tx, ended, exit);
    tx.afterCommit(() => this.transcripts.compactLater(ended));
  }

  /** Ends a run that was interrupted and that nobody told in time how to go on. `run` is locked. */
  async giveUpWaiting(tx: Tx, run: RunRow): Promise<void> {
    const exit: Exit = { outcome: 'interrupted', code: null, signal: null, message: 'Nobody said how to go on.' };
    const target = {
      to: 'cancelled',
      reason: 'no_input',
      text: exitSentence(exit),
      patch: { confirmed: true },
    } as const;
    const ended = await this.status.move(tx, run, 'cancel', target);
    await this.insertPlainResult(tx, run, exit);
    this.logEnd(tx, ended, exit);
    tx.afterCommit(() => this.transcripts.compactLater(ended));
  }

  /** Puts a run whose claim never reached the worker back in line; it counts as no attempt. `run` is locked. */
  async handBackUntaken(tx: Tx, run: RunRow): Promise<void> {
    const text = 'The worker never began; the run is back in line.';
    const patch = { workerId: null, workerName: null, claimedAt: null, countedUntil: null, startedAt: null };
    const { id: runId, taskId, workerId } = run;
    await this.status.move(tx, run, 'handBack', { to: 'queued', reason: null, text, patch });
    tx.afterCommit(() =>
      this.logger.warn('run handed back, its claim was never taken up', { runId, taskId, workerId }),
    );
  }

  /** Judges a report: the run ends, or is parked until its login works again. */
  private async settle(tx: Tx, run: RunRow, report: FinishRun): Promise<Pick<Taken, 'row' | 'result'>> {
    const settled = settle(report.exit, run.cancelRequestedAt !== null, run.executor);
    const exit: Exit = { ...report.exit, outcome: settled.outcome };
    const logIncomplete = run.logIncomplete || (await this.misses(tx, run, report));
    await this.judgeLogin(tx, run, exit, report);
    const stored = { completionId: report.completionId, logIncomplete, acknowledged: true };
    if (settled.status === 'waiting') {
      const parked = await this.park(tx, run, settled, stored, report);
      await this.talk.settle(tx, parked, report.inboxN, null);
      return { row: parked, result: null };
    }
    const result: RunResultRow = {
      runId: run.id,
      exit,
      result: report.result,
      costMicros: report.costUsd === null ? null : Math.round(report.costUsd * 1_000_000),
      files: report.stat?.files ?? null,
      additions: report.stat?.additions ?? null,
      deletions: report.stat?.deletions ?? null,
      changeCommit: report.commit,
      checks: report.checks.length === 0 ? null : report.checks,
      delivered: report.delivered,
      ...(await this.deliveries.made(tx.manager, run)),
    };
    this.runs.insertResult(tx.manager, run.taskId, result);
    const { costMicros } = result;
    if (costMicros !== null && !run.demo) tx.afterCommit(() => this.meters.runCost(run.pool, costMicros));
    const ended = await this.status.move(tx, run, 'finish', {
      to: settled.status,
      reason: settled.reason,
      text: exitSentence(exit),
      patch: { ...stored, confirmed: settled.status === 'cancelled' ? true : null },
    });
    await this.deliveries.ended(tx, ended, result);
    const next = await this.openNext(tx, ended, settled.retry, millisOf(report.retryAt));
    await this.talk.settle(tx, ended, report.inboxN, next ?? (await this.talk.runAfter(tx, ended)));
    this.logEnd(tx, ended, exit, costMicros);
    return { row: ended, result };
  }

  /** Whether lines that the worker numbered have not arrived. */
  private async misses({ manager }: Tx, run: RunRow, { epoch, lastN }: FinishRun): Promise<boolean> {
    return lastN > 0 && (await this.events.nextN(manager, run.id, epoch)) <= lastN;
  }

  private async park(
    tx: Tx,
    run: RunRow,
    settled: Settled,
    stored: Partial<RunRow>,
    report: FinishRun,
  ): Promise<RunRow> {
    const isInput = settled.reason === 'input';
    const readyAt = isInput ? this.clock() + this.config.inputWaitMs : this.limitReadyAt(report);
    const when = new Date(readyAt).toISOString();
    const text = isInput
      ? `Interrupted; it waits for a message until ${when}.`
      : `The plan limit is reached; it goes on at ${when}.`;
    const patch = { ...stored, ...this.timeSpent(run), readyAt };
    const parked = await this.status.move(tx, run, 'park', { to: 'waiting', reason: settled.reason, text, patch });
    const { id: runId, taskId, workerId } = run;
    tx.afterCommit(() => this.logger.info('run parked', { runId, taskId, workerId, reason: settled.reason, readyAt }));
    return parked;
  }

  private limitReadyAt(report: FinishRun): number {
    const ends = limitEndsAt(millisOf(report.resetsAt), this.clock());
    return ends + Math.round(Math.random() * this.config.limitJitterMs);
  }

  /** Puts a run back in line that somebody had begun to work on. */
  private async rest(
    tx: Tx,
    run: RunRow,
    move: 'handBack' | 'release',
    text: string,
    more: Partial<RunRow> = {},
  ): Promise<void> {
    const patch = { ...this.timeSpent(run), claimedAt: null, ...more };
    await this.status.move(tx, run, move, { to: 'queued', reason: 'handed_back', text, patch });
    const { id: runId, taskId, workerId } = run;
    tx.afterCommit(() => this.logger.info('run back in line', { runId, taskId, workerId, reason: text }));
  }

  private async restUntilDecided(tx: Tx, run: RunRow, text: string): Promise<void> {
    const patch = { ...this.timeSpent(run), claimedAt: null };
    await this.status.move(tx, run, 'park', { to: 'waiting', reason: 'approval', text, patch });
    const { id: runId, taskId, workerId } = run;
    tx.afterCommit(() => this.logger.info('run parked', { runId, taskId, workerId, reason: 'approval' }));
  }

  /** What the end of a run says about the login of its worker. */
  private async judgeLogin(tx: Tx, run: RunRow, exit: Exit, report: FinishRun): Promise<void> {
    const kind = outcomeRow(exit.outcome).holdsLogin;
    if (kind !== undefined) {
      const until = kind === 'usage_limit' ? limitEndsAt(millisOf(report.resetsAt), this.clock()) : null;
      await this.logins.hold(tx, run, { kind, message: exit.message, until });
    } else if (exit.outcome === 'succeeded') {
      await this.logins.release(tx, run);
    }
  }

  /** A report that moves nothing any more is told in the transcript, so that work which was done is not simply gone. */
  private async refuse(tx: Tx, run: RunRow, report: FinishRun): Promise<AppError> {
    const said = exitSentence(report.exit);
    const text = `A report from a worker that no longer held the run was not counted: ${said}`;
    const lastSeq = await this.events.say(tx.manager, run, this.clock(), { type: 'note', level: 'warn', text });
    this.runs.update(tx.manager, run.id, { lastSeq });
    tx.afterCommit(() => {
      this.feed.notify(run.id);
      this.logger.warn('late report not counted', { runId: run.id, epoch: report.epoch, status: run.status });
    });
    if (run.leaseEpoch !== report.epoch || !isFinal(run.status)) return staleLease(run, report.epoch);
    const [result] = await this.runs.resultBriefs(tx.manager, [run.id]);
    const stored = result === undefined ? '' : ` ${exitSentence(result.exit)}`;
    const detail = `The run is already ${run.status}.${stored}`;
    return new AppError('run_finished', detail, { currentStatus: run.status });
  }

  /** Opens the run that follows, if one does, and returns it. */
  private async openNext(
    tx: Tx,
    run: RunRow,
    retry: Settled['retry'],
    notBefore: number | null = null,
  ): Promise<RunRow | null> {
    if (!mayFollow(retry)) return null;
    const task = await this.runs.runnableTask(tx.manager, run.taskId);
    const policy = { retries: task.retries, backoff: task.backoff, infraRetries: this.config.infraRetries };
    const next = afterExit(retry, run, policy, Math.random());
    if (next === null) return null;
    const { delayMs, ...failures } = next;
    const { sourceRunId, deliveryMode, branch } = run;
    // What was said in a conversation makes no sense without it.
    const isTalk = run.continuesRunId !== null && (run.inboxN > 0 || (await this.isFork(tx, run)));
    const isContinued = (retry === 'lost' || isTalk) && run.checkpointEpoch !== null;
    const source = isContinued ? run.id : isTalk ? run.continuesRunId : null;
    const opened = this.service.plan(task, {
      attempt: run.attempt + 1,
      trigger: 'automatic',
      readyAt: Math.max(this.clock() + delayMs, retryTime(notBefore, this.clock())),
      failures,
      ...(run.executor === 'deliver' && { delivers: { sourceRunId, deliveryMode, branch } }),
      ...(source !== null && { continues: { id: source, sessionId: run.sessionId } }),
    });
    if (isTalk) opened.branch = run.branch;
    await this.service.store(tx, opened, run.traceparent);
    return opened;
  }

  private async isFork({ manager }: Tx, run: RunRow): Promise<boolean> {
    const before = run.continuesRunId === null ? null : await this.runs.find(manager, run.continuesRunId);
    return before !== null && before.taskId !== run.taskId;
  }

  private timeSpent(run: RunRow): Partial<RunRow> {
    return { spentMs: spentMs(run, this.clock()), countedUntil: null };
  }

  private async insertPlainResult({ manager }: Tx, run: RunRow, exit: Exit): Promise<void> {
    const nothing = { result: null, costMicros: null, files: null, additions: null, deletions: null };
    const noChange = { changeCommit: null, checks: null, delivered: null };
    const made = await this.deliveries.made(manager, run);
    this.runs.insertResult(manager, run.taskId, { runId: run.id, exit, ...nothing, ...noChange, ...made });
  }

  /** The one wide line about a run. */
  private logEnd({ afterCommit }: Tx, run: RunRow, exit: Exit, costMicros: number | null = null): void {
    const { id: runId, taskId, status, reason, attempt, leaseEpoch: epoch, workerId, lastSeq: events } = run;
    const durationMs = run.startedAt === null ? null : this.clock() - run.startedAt;
    const queuedMs = run.startedAt === null ? null : run.startedAt - run.readyAt;
    const fields = { runId, taskId, status, reason, outcome: exit.outcome, attempt, epoch, workerId };
    afterCommit(() => {
      this.logger.info('run ended', { ...fields, durationMs, queuedMs, events });
      traceEnd(run, exit, costMicros);
    });
  }
}

function millisOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/** Whether a run is where it is put when its worker gives it back; it may have been decided since. */
function isTakenBack({ status, reason }: RunRow): boolean {
  if (status === 'waiting') return reason === 'approval';
  return status === 'queued' && (reason === 'handed_back' || reason === 'resuming');
}
