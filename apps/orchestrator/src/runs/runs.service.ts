import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isFinal, type Exit, type FinishRun, type Run } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { ControlFeed } from '../workers/control-feed.js';
import { staleLease } from './leases.service.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { exitSentence } from './run-reasons.js';
import { afterExit, branchName, dispatchKey, settle, type Failures } from './run-rules.js';
import { RunStatus, type Tx } from './run-status.js';
import { RunViews } from './run-views.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository, type RunnableTask } from './runs.repository.js';
import { TranscriptsService } from './transcripts.service.js';

export interface NewRun {
  readonly attempt: number;
  readonly trigger: Run['trigger'];
  readonly readyAt: number;
  /** Failures before it that count; none for a run that a person asked for. */
  readonly failures: Failures;
}

const noFailures: Failures = { infraFailures: 0, ownFailures: 0 };

/** Opens, cancels, retries and ends runs: every decision that moves one, except the claim. */
@Injectable()
export class RunsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(RunViews) private readonly views: RunViews,
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async read(runId: string): Promise<Run> {
    return this.view(await this.find(runId));
  }

  /** @throws AppError `run_not_found`. */
  async find(runId: string): Promise<RunRow> {
    const row = await this.runs.find(this.database.read, runId);
    if (row === null) throw new AppError('run_not_found', `There is no run ${runId}.`);
    return row;
  }

  /** The runs of a task, oldest first. A task has at least one. */
  async ofTask(taskId: string): Promise<Run[]> {
    const rows = await this.runs.ofTask(this.database.read, taskId);
    if (rows.length === 0) throw new AppError('task_not_found', `There is no task ${taskId}.`);
    return this.views.runsOf(rows);
  }

  /** Stores a new run and makes it the current one of its task; in line at once, or when its time has come. */
  async open(tx: Tx, task: RunnableTask, run: NewRun): Promise<RunRow> {
    const now = this.clock();
    const isLater = run.readyAt > now;
    const row: RunRow = {
      id: newId('run', now),
      taskId: task.id,
      attempt: run.attempt,
      trigger: run.trigger,
      status: isLater ? 'scheduled' : 'queued',
      reason: isLater ? (run.trigger === 'automatic' ? 'retry_backoff' : 'start_at') : null,
      pool: task.pool,
      executor: task.executor,
      demo: task.demo,
      requirements: task.requirements,
      concurrencyKey: task.concurrencyKey,
      concurrencyLimit: task.concurrencyLimit,
      dispatchKey: dispatchKey(run.readyAt, task.priority),
      readyAt: run.readyAt,
      leaseEpoch: 0,
      leaseExpiresAt: null,
      claimedAt: null,
      acknowledged: false,
      countedUntil: null,
      spentMs: 0,
      workerId: null,
      workerName: null,
      sessionId: randomUUID(),
      branch: task.repository === null ? null : branchName(task.id, task.title, run.attempt),
      baseCommit: null,
      createdAt: now,
      startedAt: null,
      preparedAt: null,
      endedAt: null,
      cancelRequestedAt: null,
      confirmed: null,
      completionId: null,
      ...run.failures,
      lastSeq: 0,
      transcriptBytes: 0,
      transcriptCapped: false,
      logIncomplete: false,
    };
    await this.status.open(tx, row, isLater ? `Starts at ${new Date(run.readyAt).toISOString()}.` : null);
    return row;
  }

  /**
   * Opens a further run of a task whose current run has ended.
   * @throws AppError `task_not_found` or `task_not_finished`.
   */
  async retry(tx: Tx, taskId: string): Promise<void> {
    const current = await this.demandEnded(tx.manager, taskId);
    const task = await this.runs.runnableTask(tx.manager, taskId);
    const attempt = current.attempt + 1;
    await this.open(tx, task, { attempt, trigger: 'retry', readyAt: this.clock(), failures: noFailures });
  }

  /**
   * The current run of a task, locked, when it has ended.
   * @throws AppError `task_not_found` or `task_not_finished`.
   */
  async demandEnded(manager: EntityManager, taskId: string): Promise<RunRow> {
    const run = await this.lockCurrent(manager, taskId);
    if (isFinal(run.status)) return run;
    throw new AppError('task_not_finished', `The task is ${run.status}.`, { currentStatus: run.status });
  }

  /** Tells in the transcript of a run that goes on what was changed about its task, and moves it in the line. */
  async noteEdit(
    { manager, afterCommit }: Tx,
    taskId: string,
    edit: { by: string; text: string; priority: number | undefined },
  ): Promise<void> {
    const run = await this.lockCurrent(manager, taskId);
    if (isFinal(run.status)) return;
    const { by, text, priority } = edit;
    const lastSeq = await this.events.say(manager, run, this.clock(), { type: 'action', action: 'edit', by, text });
    const place = priority === undefined ? {} : { dispatchKey: dispatchKey(run.readyAt, priority) };
    await this.runs.update(manager, run.id, { lastSeq, ...place });
    afterCommit(() => this.feed.notify(run.id));
  }

  /**
   * Ends the current run of a task when it waits; asks the worker to end it when it runs. Asking again is fine.
   * @throws AppError `task_not_found`, or `task_not_cancellable` when it has ended.
   */
  async cancel(tx: Tx, taskId: string, by: string): Promise<void> {
    const run = await this.lockCurrent(tx.manager, taskId);
    if (isFinal(run.status)) {
      throw new AppError('task_not_cancellable', `The task is already ${run.status}.`, { currentStatus: run.status });
    }
    if (run.status === 'running') return this.requestCancel(tx, run, by);
    const patch = { cancelRequestedAt: this.clock(), confirmed: true };
    await this.status.move(tx, run, 'cancel', { to: 'cancelled', reason: 'user', text: `Cancelled by ${by}.`, patch });
  }

  private async lockCurrent(manager: EntityManager, taskId: string): Promise<RunRow> {
    for (;;) {
      const runId = await this.runs.currentRunId(manager, taskId);
      const run = runId === null ? null : await this.runs.lock(manager, runId);
      if (runId === null || run === null) throw new AppError('task_not_found', `There is no task ${taskId}.`);
      // While the lock was waited for, the run may have ended and the next one been opened.
      if ((await this.runs.currentRunId(manager, taskId)) === runId) return run;
    }
  }

  private async requestCancel({ manager, afterCommit }: Tx, run: RunRow, by: string): Promise<void> {
    if (run.cancelRequestedAt !== null) return;
    const now = this.clock();
    const text = `${by} asked to cancel the run.`;
    const lastSeq = await this.events.say(manager, run, now, { type: 'action', action: 'cancel', by, text });
    await this.runs.update(manager, run.id, { cancelRequestedAt: now, lastSeq });
    const { id: runId, taskId, workerId, leaseEpoch: epoch } = run;
    afterCommit(() => {
      if (workerId !== null) this.control.push(workerId, { type: 'cancel', runId, epoch });
      this.feed.notify(runId);
      this.changes.changed('task', taskId);
      this.logger.info('run cancel asked for', { runId, taskId, workerId });
    });
  }

  /**
   * Takes the final report of a worker. The first one wins; the same `completionId` again gets the run as it was stored.
   * @throws AppError `run_finished`, `stale_lease` or `run_not_found`.
   */
  async finish(runId: string, report: FinishRun): Promise<Run> {
    const { row, isNew } = await this.database.write(async (manager, afterCommit) => {
      const run = await this.runs.lock(manager, runId);
      if (run === null)
        throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
      if (run.completionId === report.completionId) return { row: run, isNew: false };
      if (run.leaseEpoch !== report.epoch) throw staleLease(run, report.epoch);
      if (isFinal(run.status)) {
        throw new AppError('run_finished', `The run is already ${run.status}.`, { currentStatus: run.status });
      }
      if (run.status !== 'running') throw staleLease(run, report.epoch);
      return { row: await this.settle({ manager, afterCommit }, run, report), isNew: true };
    });
    if (isNew) this.transcripts.compactLater(runId);
    return this.view(row);
  }

  private async settle(tx: Tx, run: RunRow, report: FinishRun): Promise<RunRow> {
    const settled = settle(report.exit, run.cancelRequestedAt !== null, run.executor);
    const exit: Exit = { ...report.exit, outcome: settled.outcome };
    const nextN = await this.events.nextN(tx.manager, run.id, report.epoch);
    await this.runs.insertResult(tx.manager, {
      runId: run.id,
      exit,
      result: report.result,
      costMicros: report.costUsd === null ? null : Math.round(report.costUsd * 1_000_000),
      files: report.stat?.files ?? null,
      additions: report.stat?.additions ?? null,
      deletions: report.stat?.deletions ?? null,
    });
    const ended = await this.status.move(tx, run, 'finish', {
      to: settled.status,
      reason: settled.reason,
      text: exitSentence(exit),
      patch: {
        completionId: report.completionId,
        confirmed: settled.status === 'cancelled' ? true : null,
        logIncomplete: run.logIncomplete || nextN <= report.lastN,
        acknowledged: true,
      },
    });
    if (ended === null) throw staleLease(run, report.epoch);
    await this.openNext(tx, ended, settled.retry);
    this.logEnd(tx, ended, exit);
    return ended;
  }

  /** Ends a run whose worker was away for too long, and opens the next one. `run` is locked. */
  async lose(tx: Tx, run: RunRow, message: string): Promise<void> {
    const exit: Exit = { outcome: 'worker_lost', code: null, signal: null, message };
    await this.insertPlainResult(tx, run, exit);
    const { reason, retry } = settle(exit, false, run.executor);
    const target = { to: 'failed', reason, text: exitSentence(exit), patch: { logIncomplete: true } } as const;
    const lost = await this.status.move(tx, run, 'lose', target);
    if (lost === null) return;
    await this.openNext(tx, lost, retry);
    this.logEnd(tx, lost, exit);
    tx.afterCommit(() => this.transcripts.compactLater(run.id));
  }

  /** Ends a run that was to be cancelled and whose worker is silent. `run` is locked. */
  async abandon(tx: Tx, run: RunRow): Promise<void> {
    const exit: Exit = { outcome: 'cancelled', code: null, signal: null, message: 'Its worker did not confirm it.' };
    await this.insertPlainResult(tx, run, exit);
    const text = 'Cancelled while its worker was silent.';
    const patch = { confirmed: false, logIncomplete: true };
    const ended = await this.status.move(tx, run, 'abandon', { to: 'cancelled', reason: 'unconfirmed', text, patch });
    if (ended !== null) this.logEnd(tx, ended, exit);
    tx.afterCommit(() => this.transcripts.compactLater(run.id));
  }

  /** Puts a run whose claim never reached the worker back in line; it counts as no attempt. `run` is locked. */
  async handBack(tx: Tx, run: RunRow): Promise<void> {
    const text = 'The worker never began; the run is back in line.';
    const patch = { workerId: null, workerName: null, claimedAt: null, countedUntil: null, startedAt: null };
    const { id: runId, taskId, workerId } = run;
    await this.status.move(tx, run, 'handBack', { to: 'queued', reason: null, text, patch });
    tx.afterCommit(() =>
      this.logger.warn('run handed back, its claim was never taken up', { runId, taskId, workerId }),
    );
  }

  private async openNext(tx: Tx, run: RunRow, retry: Parameters<typeof afterExit>[0]): Promise<void> {
    const task = await this.runs.runnableTask(tx.manager, run.taskId);
    const policy = { retries: task.retries, backoff: task.backoff, infraRetries: this.config.infraRetries };
    const next = afterExit(retry, run, policy, Math.random());
    if (next === null) return;
    const { delayMs, ...failures } = next;
    await this.open(tx, task, {
      attempt: run.attempt + 1,
      trigger: 'automatic',
      readyAt: this.clock() + delayMs,
      failures,
    });
  }

  private insertPlainResult({ manager }: Tx, run: RunRow, exit: Exit): Promise<void> {
    const nothing = { result: null, costMicros: null, files: null, additions: null, deletions: null };
    return this.runs.insertResult(manager, { runId: run.id, exit, ...nothing });
  }

  private async view(row: RunRow): Promise<Run> {
    const [run] = await this.views.runsOf([row]);
    if (run === undefined) throw new Error(`run ${row.id} has no view`);
    return run;
  }

  /** The one wide line about a run. */
  private logEnd({ afterCommit }: Tx, run: RunRow, exit: Exit): void {
    const { id: runId, taskId, status, reason, attempt, leaseEpoch: epoch, workerId, lastSeq: events } = run;
    const durationMs = run.startedAt === null ? null : this.clock() - run.startedAt;
    const queuedMs = run.startedAt === null ? null : run.startedAt - run.readyAt;
    const fields = { runId, taskId, status, reason, outcome: exit.outcome, attempt, epoch, workerId };
    afterCommit(() => this.logger.info('run ended', { ...fields, durationMs, queuedMs, events }));
  }
}
