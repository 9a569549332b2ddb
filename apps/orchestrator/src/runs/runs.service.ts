import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isFinal, statuses, type Run, type Status } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { ControlFeed } from '../workers/control-feed.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { branchName, dispatchKey, type Failures } from './run-rules.js';
import { startEnqueue } from './run-spans.js';
import { RunStatus, type Tx } from './run-status.js';
import { RunViews } from './run-views.js';
import type { RunResultRow, RunRow } from './run.entity.js';
import { RunsRepository, type RunnableTask } from './runs.repository.js';

export interface NewRun {
  readonly attempt: number;
  readonly trigger: Run['trigger'];
  readonly readyAt: number;
  /** Failures before it that count; none for a run that a person asked for. */
  readonly failures: Failures;
  /** A run whose session and changes it goes on with. */
  readonly continues?: Pick<RunRow, 'id' | 'sessionId'>;
  /** It delivers the change of another run instead of making one. */
  readonly delivers?: Pick<RunRow, 'sourceRunId' | 'deliveryMode' | 'branch'>;
}

/** Opens, cancels and retries runs: what people ask for. How runs end is in `run-ends.ts`. */
@Injectable()
export class RunsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(RunViews) private readonly views: RunViews,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(Changes) private readonly changes: Changes,
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

  /** How many runs have each status. Walks through all of them. */
  async countByStatus(): Promise<Record<Status, number>> {
    const counts = await this.runs.countByStatus(this.database.read);
    return Object.fromEntries(statuses.map((status) => [status, counts.get(status) ?? 0])) as Record<Status, number>;
  }

  /** The runs of a task, oldest first. A task has at least one. */
  async ofTask(taskId: string): Promise<Run[]> {
    const rows = await this.runs.ofTask(this.database.read, taskId);
    if (rows.length === 0) throw new AppError('task_not_found', `There is no task ${taskId}.`);
    return this.views.runsOf(rows);
  }

  /** Stores a new run and makes it the current one of its task; in line at once, or when its time has come. */
  async open(tx: Tx, task: RunnableTask, run: NewRun): Promise<void> {
    await this.store(tx, this.plan(task, run));
  }

  /**
   * Stores a run as it was planned.
   * @param before the `traceparent` of the run that it follows by itself
   */
  async store(tx: Tx, run: RunRow, before: string | null = null): Promise<void> {
    const isLater = run.status === 'scheduled';
    const span = startEnqueue(run, before);
    run.traceparent = span.traceparent;
    await this.status.open(tx, run, isLater ? `Starts at ${new Date(run.readyAt).toISOString()}.` : null);
    tx.afterCommit(() => span.end());
  }

  /** A new run as it would be stored. */
  plan(task: RunnableTask, run: NewRun): RunRow {
    const now = this.clock();
    const isLater = run.readyAt > now;
    return {
      id: newId('run', now),
      taskId: task.id,
      attempt: run.attempt,
      trigger: run.trigger,
      status: isLater ? 'scheduled' : 'queued',
      reason: isLater ? (run.trigger === 'automatic' ? 'retry_backoff' : 'start_at') : null,
      pool: task.pool,
      executor: run.delivers === undefined ? task.executor : 'deliver',
      demo: task.demo,
      requirements: task.requirements,
      concurrencyKey: task.concurrencyKey,
      concurrencyLimit: task.concurrencyLimit,
      ...placeOf(dispatchKey(run.readyAt, task.priority)),
      readyAt: run.readyAt,
      leaseEpoch: 0,
      leaseExpiresAt: null,
      claimedAt: null,
      acknowledged: false,
      countedUntil: null,
      spentMs: 0,
      workerId: null,
      workerName: null,
      sessionId: run.continues?.sessionId ?? randomUUID(),
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
      continuesRunId: run.continues?.id ?? null,
      sourceRunId: null,
      deliveryMode: task.deliveryMode,
      ...run.delivers,
      workedEpoch: null,
      checkpointEpoch: null,
      isProbe: null,
      inboxN: 0,
      preferredWorkerId: null,
      preferredUntil: null,
      askedSince: null,
      traceparent: null,
      lastSeq: 0,
      lastEventAt: null,
      transcriptBytes: 0,
      transcriptCapped: false,
      logIncomplete: false,
      removedAt: null,
    };
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
    const place = priority === undefined ? {} : placeOf(dispatchKey(run.readyAt, priority));
    this.runs.update(manager, run.id, { lastSeq, ...place });
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

  /**
   * The current run of a task, locked.
   * @throws AppError `task_not_found`.
   */
  async lockCurrent(manager: EntityManager, taskId: string): Promise<RunRow> {
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
    this.runs.update(manager, run.id, { cancelRequestedAt: now, lastSeq });
    const { id: runId, taskId, workerId, leaseEpoch: epoch } = run;
    afterCommit(() => {
      if (workerId !== null) this.control.push(workerId, { type: 'cancel', runId, epoch });
      this.feed.notify(runId);
      this.changes.changed('task', taskId);
      this.logger.info('run cancel asked for', { runId, taskId, workerId });
    });
  }

  /** A run as the API shows it; its result is read unless it is known. */
  async view(row: RunRow, result: RunResultRow | null = null): Promise<Run> {
    if (result !== null) return (await this.views.currentOf(row, result)).view;
    const [run] = await this.views.runsOf([row]);
    if (run === undefined) throw new Error(`run ${row.id} has no view`);
    return run;
  }
}

function placeOf(key: number): Pick<RunRow, 'dispatchKey' | 'turnKey'> {
  return { dispatchKey: key, turnKey: key };
}
