import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  EditTask,
  repositoryName,
  RunSpec,
  statuses,
  TaskId,
  type DeliverTask,
  type DeliveryMode,
  type Statistics,
  type Task,
  type SubmittedTask,
  type TaskDetail,
  type TaskExplanation,
  type TaskFilter,
  type TaskPage,
  type TaskQuery,
  type Total,
} from '@corch/contract';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { DearAnswer } from '../common/dear-answer.js';
import type { IdempotencySlot } from '../common/idempotency.js';
import { newId } from '../common/ids.js';
import { cutPage, demandCursor, type ListCursor } from '../common/list-cursor.js';
import { racePoint } from '../common/race-point.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { costOf, isoOrNull, RunViews } from '../runs/run-views.js';
import { Conversation } from '../runs/conversation.service.js';
import { Deliveries } from '../runs/deliveries.service.js';
import { RunEnds } from '../runs/run-ends.js';
import { currentRunOf, type Tx } from '../runs/run-status.js';
import { noFailures } from '../runs/run-rules.js';
import type { EndPlace } from '../runs/run-sizes.repository.js';
import { RunsService } from '../runs/runs.service.js';
import type { PoolRow } from '../workers/pool.entity.js';
import { SettingsService } from '../settings/settings.service.js';
import { WorkersService } from '../workers/workers.service.js';
import { filterSql, type FilterSql } from './filter-sql.js';
import { missingTask } from './missing-task.js';
import { displayTitle, promptPreview, requirementsOf, searchText, type Place } from './task-rules.js';
import { Submissions, type Submission } from './submissions.js';
import { TaskViews } from './task-views.js';
import type { TaskRow } from './task.entity.js';
import { countedTasks, TasksRepository, type EndedPlace } from './tasks.repository.js';

const dayMs = 86_400_000;
/** Tasks of an export that are in memory at once. */
const exported = 200;

/** Who asks, and when: whom `is:mine` and what `age:` mean. */
export interface AskedAs {
  readonly by: string;
  readonly at: number;
}

interface Relabel {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What a new task has made: nothing. Also a fork, which has a branch and a pull request of its own. */
export const nothingMade = {
  ...{ deliveryBranch: null, deliveryWording: null, delivered: null },
  ...{ costMicros: null, changedFiles: null, changedLines: null },
} as const;

/** What people and programs do with tasks. Everything about their runs goes through `runs/`. */
@Injectable()
export class TasksService {
  private readonly counted = new DearAnswer(() => this.count());

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TasksRepository) private readonly tasks: TasksRepository,
    @Inject(Submissions) private readonly submissions: Submissions,
    @Inject(TaskViews) private readonly views: TaskViews,
    @Inject(RunsService) private readonly runs: RunsService,
    @Inject(Conversation) private readonly talk: Conversation,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(RunViews) private readonly runViews: RunViews,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stores a task with its first run; both are there, or neither.
   * @param given the names of the fields that were sent; the repository may have defaults for the others.
   * @throws AppError `pool_unknown`, `repository_unknown` or `validation_failed`.
   */
  async submit(sent: SubmittedTask, given: readonly string[], by: string, slot: IdempotencySlot): Promise<TaskDetail> {
    if (slot.resourceId !== null) return this.read(slot.resourceId);
    const submission = await this.submissions.complete(sent, given);
    const asked = submission.task;
    const now = this.clock();
    const wanted = this.toRow(submission, by, now);
    // A start in the past is now: the line goes by waiting, and nobody has waited before the submit.
    const readyAt = Math.max(wanted.startAt ?? now, now);
    const run = this.runs.plan(wanted, { attempt: 1, trigger: 'submit', readyAt, failures: noFailures });
    const task = { ...wanted, ...currentRunOf(run) };
    const spec = RunSpec.parse(asked);
    await this.database.write(async (manager, afterCommit) => {
      this.tasks.insert(manager, task, { taskId: task.id, spec, search: searchText(task.title, asked) });
      // Work may be done again from the top, so the plan stays as it is.
      await this.runs.store({ manager, afterCommit }, { ...run });
      // Asked for together with what is stored: a pool that is unknown undoes it all.
      await Promise.all([this.demandPool(this.workers.poolRows(manager), asked.pool), slot.commit(manager, task.id)]);
      const fields = { taskId: task.id, runId: run.id, pool: task.pool, executor: task.executor, by };
      afterCommit(() => this.logger.info('task submitted', fields));
    });
    return this.views.newDetailOf(task, spec, { ...run, lastSeq: run.lastSeq + 1 });
  }

  private toRow(submission: Submission, by: string, now: number): TaskRow {
    const { task: asked, repositoryName: registeredAs, startsFrom } = submission;
    const startAt = asked.startAt === undefined ? null : Date.parse(asked.startAt);
    return {
      id: newId('task', now),
      title: displayTitle(asked),
      // These are the run's to say.
      status: 'queued',
      reason: null,
      startedAt: null,
      endedAt: null,
      currentRunId: '',
      runCount: 0,
      executor: asked.executor,
      promptPreview: promptPreview(asked),
      repository: asked.repository ?? null,
      repositoryName: registeredAs,
      repo: asked.repository === undefined ? null : repositoryName(asked.repository),
      ref: asked.ref ?? null,
      startsFrom,
      model: asked.model ?? null,
      pool: asked.pool,
      labels: [...new Set(asked.labels)],
      requirements: requirementsOf(asked, this.config.hostName),
      priority: asked.priority,
      concurrencyKey: asked.concurrencyKey ?? null,
      concurrencyLimit: asked.concurrencyLimit,
      retries: asked.retries,
      backoff: asked.backoff,
      demo: asked.demo,
      deliveryMode: publicMode(asked.delivery?.mode),
      ...nothingMade,
      submittedBy: by,
      startAt,
      createdAt: now,
      updatedAt: now,
    };
  }

  private async demandPool(pools: Promise<readonly PoolRow[]>, name: string): Promise<void> {
    const known = (await pools).map((pool) => pool.name);
    if (known.includes(name)) return;
    const message = `is \`${name}\`; the pools are ${known.map((pool) => `\`${pool}\``).join(', ')}`;
    throw new AppError('pool_unknown', `There is no pool \`${name}\`; the pools are ${known.join(', ')}.`, {
      errors: [{ pointer: '/pool', code: 'pool_unknown', message }],
    });
  }

  /**
   * @param by whom `is:mine` means.
   * @throws AppError `unknown_parameter` when the cursor is none of this list.
   */
  async list(query: TaskQuery, by: string): Promise<TaskPage> {
    const { sort, limit, cursor, ...filter } = query;
    const after = demandCursor(cursor, sort, TaskId);
    const wanted = this.wanted(filter, by);
    const { rows, count } = await this.tasks.list(this.database.read, wanted, sort, after, limit + 1);
    const { page, ...rest } = cutPage(rows, limit, sort);
    return {
      data: await this.views.tasksOf(page),
      ...rest,
      total: totalOf(count),
    };
  }

  /** All tasks that fit, newest first, some at a time. */
  async *pages(filter: TaskFilter, by: string): AsyncGenerator<Task[]> {
    const wanted = this.wanted(filter, by);
    const sort = '-createdAt';
    for (let after: ListCursor | null = null; ;) {
      const rows: TaskRow[] = await this.tasks.page(this.database.read, wanted, sort, after, exported);
      yield await this.views.tasksOf(rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < exported) return;
      after = { sort, createdAt: last.createdAt, id: last.id };
    }
  }

  /** How many tasks fit; `by` is whom `is:mine` means. */
  async countOf(filter: TaskFilter, by: string): Promise<Total> {
    return totalOf(await this.tasks.count(this.database.read, this.wanted(filter, by)));
  }

  /** How many tasks fit all of these filters as they were at a time, all of them counted. */
  countAll(filters: readonly string[], as: AskedAs): Promise<number> {
    return this.tasks.countAll(this.database.read, this.wantedAt(filters, as), as.at);
  }

  /** The next tasks behind a place, oldest first, that fit all of these filters and were there at a time. */
  placesOf(filters: readonly string[], as: AskedAs, after: Place | null, limit: number): Promise<Place[]> {
    return this.tasks.places(this.database.read, this.wantedAt(filters, as), as.at, after, limit);
  }

  /**
   * Whether a task fits all of these filters as they were at a time. Until the transaction ends its run stays as it is.
   * @throws AppError `task_not_found`.
   */
  async fitsIn({ manager }: Tx, taskId: string, filters: readonly string[], as: AskedAs): Promise<boolean> {
    await this.runs.lockCurrent(manager, taskId);
    return this.tasks.fits(manager, this.wantedAt(filters, as), taskId);
  }

  private wantedAt(filters: readonly string[], { by, at }: AskedAs): FilterSql {
    return filterSql({}, { kind: this.database.kind, now: at, caller: by }, filters);
  }

  private wanted(filter: TaskFilter, caller: string): FilterSql {
    return filterSql(filter, { kind: this.database.kind, now: this.clock(), caller });
  }

  /** @throws AppError `task_not_found`. */
  async read(taskId: string): Promise<TaskDetail> {
    const [found, current] = await Promise.all([
      this.tasks.findInFull(this.database.read, taskId),
      this.runViews.currentInFull(taskId),
    ]);
    if (found === null || current === undefined) {
      throw missingTask(taskId, await this.settings.read(), this.clock());
    }
    return this.views.detailOf(found.task, found.spec, current);
  }

  /** @throws AppError `task_not_found`. */
  async edit(taskId: string, edit: EditTask, by: string): Promise<TaskDetail> {
    await this.database.write((manager, afterCommit) => this.editIn({ manager, afterCommit }, taskId, edit, by));
    return this.read(taskId);
  }

  /** @throws AppError `task_not_found`. */
  async editIn(tx: Tx, taskId: string, edit: EditTask, by: string): Promise<void> {
    const { manager, afterCommit } = tx;
    const text = `${by} changed ${Object.keys(edit).join(', ')}.`;
    await this.runs.noteEdit(tx, taskId, { by, text, priority: edit.priority });
    const labels = edit.labels === undefined ? {} : { labels: [...new Set(edit.labels)] };
    await this.tasks.update(manager, taskId, { ...edit, ...labels, updatedAt: this.clock() });
    if (edit.title !== undefined) {
      const spec = await this.tasks.findSpec(manager, taskId);
      if (spec !== null) await this.tasks.updateSearch(manager, taskId, searchText(edit.title, spec.spec));
    }
    afterCommit(() => this.changes.changed('task', taskId));
  }

  /**
   * Adds labels to those of a task and takes some away.
   * @throws AppError `task_not_found`, or `validation_failed` when it would have too many.
   */
  async relabelIn(tx: Tx, taskId: string, { add, remove }: Relabel, by: string): Promise<void> {
    // Every edit locks the run first.
    await this.runs.lockCurrent(tx.manager, taskId);
    const found = await this.tasks.labelsOf(tx.manager, taskId);
    const labels = EditTask.shape.labels.safeParse(
      [...new Set([...found, ...add])].filter((label) => !remove.includes(label)),
    );
    if (!labels.success) throw new AppError('validation_failed', `With these it would have too many labels.`);
    if (isDeepStrictEqual(labels.data, found)) return;
    await this.editIn(tx, taskId, { labels: labels.data }, by);
  }

  /** @throws AppError `task_not_found` or `task_not_cancellable`. */
  async cancel(taskId: string, by: string): Promise<TaskDetail> {
    await this.database.write((manager, afterCommit) => this.cancelIn({ manager, afterCommit }, taskId, by));
    await racePoint('cancel.requested');
    return this.read(taskId);
  }

  /** @throws AppError `task_not_found` or `task_not_cancellable`. */
  cancelIn(tx: Tx, taskId: string, by: string): Promise<void> {
    return this.runs.cancel(tx, taskId, by);
  }

  /** @throws AppError `task_not_found`, `task_not_finished` or, to go on, `no_conversation` or `nothing_kept`. */
  async retry(taskId: string, slot: IdempotencySlot, from: 'fresh' | 'continue' = 'fresh'): Promise<TaskDetail> {
    if (slot.resourceId !== null) return this.read(slot.resourceId);
    await this.database.write(async (manager, afterCommit) => {
      await this.retryIn({ manager, afterCommit }, taskId, from);
      await slot.commit(manager, taskId);
    });
    return this.read(taskId);
  }

  /** @throws AppError as {@link retry}. */
  retryIn(tx: Tx, taskId: string, from: 'fresh' | 'continue'): Promise<void> {
    return from === 'continue' ? this.talk.openContinuation(tx, taskId) : this.talk.openAnew(tx, taskId);
  }

  /**
   * Delivers the change of the last run that made one, without running Claude.
   * @throws AppError `task_not_found`, `task_not_finished`, `nothing_to_deliver` or `validation_failed`.
   */
  async deliver(taskId: string, asked: DeliverTask, slot: IdempotencySlot): Promise<TaskDetail> {
    if (slot.resourceId !== null) return this.read(slot.resourceId);
    await this.database.write(async (manager, afterCommit) => {
      await this.deliveries.open({ manager, afterCommit }, taskId, asked);
      await slot.commit(manager, taskId);
    });
    return this.read(taskId);
  }

  /** Takes a running task from its worker and puts it back in line. */
  async release(taskId: string, by: string, force: boolean): Promise<TaskDetail> {
    await this.ends.release(taskId, by, force);
    return this.read(taskId);
  }

  /** @throws AppError `task_not_found`. */
  async explain(taskId: string): Promise<TaskExplanation> {
    const task = await this.read(taskId);
    return { taskId, ...(await this.runViews.explainFully(await this.runs.find(task.currentRunId))) };
  }

  /** Tasks that ended behind a place and before a moment, the oldest first. */
  endedBefore(after: EndPlace, before: number, limit: number): Promise<EndedPlace[]> {
    return this.tasks.endedBefore(this.database.read, after, before, limit);
  }

  /** @throws AppError `task_not_found` or `task_not_finished`. */
  async delete(taskId: string): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      await this.runs.demandEnded(manager, taskId);
      await this.tasks.delete(manager, taskId);
      afterCommit(() => this.changes.changed('task', taskId));
    });
    this.logger.info('task deleted', { taskId });
  }

  /** With very many tasks they take long; then they may be a few seconds old. */
  statistics(): Promise<Statistics> {
    return this.counted.get();
  }

  private async count(): Promise<Statistics> {
    const { read } = this.database;
    const now = this.clock();
    const [counts, workers, oldest, approvalsOpen, today] = await Promise.all([
      this.tasks.countByStatus(read),
      this.workers.list(),
      this.tasks.oldestQueuedAt(read),
      this.approvals.countOpen(),
      this.tasks.endedSince(read, now - (now % dayMs)),
    ]);
    const online = workers.filter(({ state }) => state === 'online');
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    return {
      tasks: Object.fromEntries(statuses.map((status) => [status, counts.get(status) ?? 0])) as Statistics['tasks'],
      workersOnline: online.length,
      slots: {
        used: sum(online.map(({ running }) => running.length)),
        total: sum(online.map(({ capacity }) => capacity)),
      },
      oldestQueuedAt: isoOrNull(oldest),
      approvalsOpen,
      today: {
        succeeded: today.succeeded,
        failed: today.failed,
        costUsd: costOf(today.costMicros)?.amount ?? '0.00',
      },
    };
  }
}

/** The way of delivery that leads out of the orchestrator, or null. */
function publicMode(mode: DeliveryMode | undefined): TaskRow['deliveryMode'] {
  return mode === 'branch' || mode === 'pr' ? mode : null;
}

/** What is counted beyond {@link countedTasks} only says that there are more. */
function totalOf(count: number): Total {
  return count > countedTasks ? { value: countedTasks, relation: 'gte' } : { value: count, relation: 'eq' };
}
