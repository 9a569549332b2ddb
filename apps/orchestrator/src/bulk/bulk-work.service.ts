import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { bulkEligible, type BulkFailure } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { storeFault } from '../database/store-faults.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import type { Tx } from '../runs/run-status.js';
import type { Place } from '../tasks/task-rules.js';
import { TasksService, type AskedAs } from '../tasks/tasks.service.js';
import type { BulkRow } from './bulk.entity.js';
import { BulkRepository, type BulkProgress } from './bulk.repository.js';

/** How soon another orchestrator goes on with what one that died had begun. */
const holdMs = 15_000;
const everyMs = 5_000;
/** Tasks that are taken before another action has its turn. */
const turn = 100;
/** Failures that are kept to be shown. */
const keptFailures = 20;

/** Another took this task meanwhile, or the action was stopped: what was done with the task here is undone. */
class Overtaken extends Error {}

/**
 * Does what was asked for with many tasks, one after the other. A task and the note that it was taken are one transaction, so
 * whoever dies or whoever works beside it, each is taken once.
 */
@Injectable()
export class BulkWork implements OnApplicationBootstrap, OnModuleDestroy {
  private working: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BulkRepository) private readonly rows: BulkRepository,
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.add({ name: 'bulk-actions', everyMs, on: 'each', run: () => this.work() });
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.working?.catch(() => undefined);
  }

  /** Begins at once with what waits; a failure is met again by the next pass. */
  begin(): void {
    this.work().catch((error: unknown) => this.logger.warn('bulk action interrupted', { error }));
  }

  /** Resolves when nothing is left that this orchestrator could do. */
  work(): Promise<void> {
    this.working ??= this.takeTurns().finally(() => (this.working = undefined));
    return this.working;
  }

  private async takeTurns(): Promise<void> {
    while (!this.isStopping) {
      const row = await this.hold();
      if (row === undefined) return;
      await this.takeTurn(row);
    }
  }

  private async hold(): Promise<BulkRow | undefined> {
    for (;;) {
      const now = this.clock();
      const row = await this.rows.free(this.database.read, now);
      if (row === null) return undefined;
      const heldUntil = now + holdMs;
      if (await this.database.write((manager) => this.rows.hold(manager, row, heldUntil))) return { ...row, heldUntil };
    }
  }

  private async takeTurn(held: BulkRow): Promise<void> {
    let row = held;
    const next = await this.next(row);
    for (const place of next) {
      if (this.isStopping) break;
      try {
        row = await this.take(row, place);
      } catch (error) {
        if (error instanceof Overtaken) return;
        throw error;
      }
    }
    const isLast = next.length < turn && !this.isStopping;
    const now = this.clock();
    await this.database.write(async (manager, afterCommit) => {
      if (!isLast) return void (await this.rows.hold(manager, row, now));
      if (!(await this.rows.end(manager, row.id, 'finished', now))) return;
      afterCommit(() => {
        this.changes.changed('bulk', row.id);
        const { id, done, failed } = row;
        this.logger.info('bulk action finished', { bulkId: id, done, failed });
      });
    });
  }

  /** The tasks to take next, in their order. */
  private async next(row: BulkRow): Promise<Place[]> {
    const { ids, taken, place } = row;
    if (ids !== null) return ids.slice(taken, taken + turn).map((id) => ({ id, createdAt: 0 }));
    return this.tasks.placesOf(filtersOf(row), askedAs(row), place, turn);
  }

  private async take(row: BulkRow, place: Place): Promise<BulkRow> {
    const at = row.ids === null ? { place } : {};
    try {
      return await this.database.write(async (manager, afterCommit) => {
        const tx = { manager, afterCommit };
        // Since it was found, a worker may have claimed it, or somebody changed it.
        const isMeant = row.filter === null || (await this.tasks.fitsIn(tx, place.id, filtersOf(row), askedAs(row)));
        if (!isMeant) return this.advance(tx, row, at);
        await this.act(tx, place.id, row);
        return this.advance(tx, row, { ...at, done: row.done + 1 });
      });
    } catch (error) {
      if (error instanceof Overtaken || storeFault(error) !== null) throw error;
      const failure = failureOf(place.id, error);
      if (failure.code === 'internal')
        this.logger.error('bulk action failed on a task', { bulkId: row.id, ...failure, error });
      // No filter finds a task that was deleted meanwhile; one that was named is missed.
      const isGone = row.filter !== null && failure.code === 'task_not_found';
      const failures = [...row.failures, failure].slice(0, keptFailures);
      const progress = isGone ? at : { ...at, failed: row.failed + 1, failures };
      return this.database.write((manager, afterCommit) => this.advance({ manager, afterCommit }, row, progress));
    }
  }

  private async act(tx: Tx, taskId: string, { action, by }: BulkRow): Promise<void> {
    switch (action.action) {
      case 'cancel':
        return this.tasks.cancelIn(tx, taskId, by);
      case 'retry':
        return this.tasks.retryIn(tx, taskId, action.from);
      case 'priority':
        return this.tasks.editIn(tx, taskId, { priority: action.priority }, by);
      case 'label':
        return this.tasks.relabelIn(tx, taskId, action, by);
    }
  }

  private async advance({ manager, afterCommit }: Tx, row: BulkRow, change: BulkProgress): Promise<BulkRow> {
    const { done, failed } = { ...row, ...change };
    // Without their ids, one that has come to fit since the start is taken, too.
    const progress = { ...change, total: Math.max(row.total, done + failed) };
    const heldUntil = this.clock() + holdMs;
    if (!(await this.rows.advance(manager, row, heldUntil, progress))) throw new Overtaken();
    afterCommit(() => this.changes.changed('bulk', row.id));
    return { ...row, ...progress, taken: row.taken + 1, heldUntil };
  }
}

/** All that a task must fit. Apart, since with more behind it a long filter would be too long. */
export function filtersOf({ filter, action }: Pick<BulkRow, 'filter' | 'action'>): string[] {
  return [filter ?? '', bulkEligible[action.action]];
}

const askedAs = ({ by, createdAt }: BulkRow): AskedAs => ({ by, at: createdAt });

function failureOf(taskId: string, error: unknown): BulkFailure {
  if (error instanceof AppError) return { taskId, code: error.code, message: error.detail };
  return { taskId, code: 'internal', message: 'The orchestrator made a mistake of its own; its log says more.' };
}
