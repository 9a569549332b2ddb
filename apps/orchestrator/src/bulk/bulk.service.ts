import { Inject, Injectable } from '@nestjs/common';
import type { Bulk, StartBulk } from '@corch/contract';
import type { z } from 'zod';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import type { IdempotencySlot } from '../common/idempotency.js';
import { newId } from '../common/ids.js';
import { outsideRequest } from '../common/request-scope.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { isoOrNull } from '../runs/run-views.js';
import { TasksService, type AskedAs } from '../tasks/tasks.service.js';
import { BulkWork, filtersOf } from './bulk-work.service.js';
import type { BulkRow } from './bulk.entity.js';
import { BulkRepository } from './bulk.repository.js';

const keepMs = 30 * 86_400_000;
const listed = 50;
/** Found tasks whose ids are kept; they are written again with each that is taken. */
const keptFound = 1000;

/** Actions on many tasks, as people start, watch and stop them. */
@Injectable()
export class BulkService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BulkRepository) private readonly rows: BulkRepository,
    @Inject(BulkWork) private readonly work: BulkWork,
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `count_changed`. */
  async start(asked: z.output<typeof StartBulk>, by: string, slot: IdempotencySlot): Promise<Bulk> {
    if (slot.resourceId !== null) return this.read(slot.resourceId);
    const now = this.clock();
    const { do: action, filter = null, expectedCount } = asked;
    const filters = filtersOf({ filter, action });
    const ids = asked.ids === undefined ? await this.fewFound(filters, { by, at: now }) : [...new Set(asked.ids)];
    const total = ids?.length ?? (await this.tasks.countAll(filters, { by, at: now }));
    if (expectedCount !== undefined && expectedCount !== total) {
      throw new AppError('count_changed', `By now ${total} tasks fit, not ${expectedCount}.`);
    }
    const row: BulkRow = {
      ...{ id: newId('bulk', now), action, filter, ids, by, total },
      ...{ status: 'running', done: 0, failed: 0, failures: [], taken: 0, place: null },
      ...{ heldUntil: 0, createdAt: now, endedAt: null, expiresAt: now + keepMs },
    };
    await this.database.write(async (manager, afterCommit) => {
      await this.rows.insert(manager, row);
      await slot.commit(manager, row.id);
      afterCommit(() => {
        this.logger.info('bulk action started', { bulkId: row.id, action: action.action, filter, total, by });
        this.changes.changed('bulk', row.id);
      });
    });
    outsideRequest(() => this.work.begin());
    return toBulk(row);
  }

  /** All that fit, oldest first, or null when there are too many of them to be kept. */
  private async fewFound(filters: readonly string[], as: AskedAs): Promise<string[] | null> {
    const found = await this.tasks.placesOf(filters, as, null, keptFound + 1);
    return found.length > keptFound ? null : found.map(({ id }) => id);
  }

  async list(): Promise<Bulk[]> {
    return (await this.rows.newest(this.database.read, listed)).map(toBulk);
  }

  /** @throws AppError `bulk_not_found`. */
  async read(id: string): Promise<Bulk> {
    const row = await this.rows.find(this.database.read, id);
    if (row === null) throw new AppError('bulk_not_found', `There is no action ${id}.`);
    return toBulk(row);
  }

  /** @throws AppError `bulk_not_found`. */
  async stop(id: string, by: string): Promise<Bulk> {
    await this.database.write(async (manager, afterCommit) => {
      if (!(await this.rows.end(manager, id, 'stopped', this.clock()))) return;
      afterCommit(() => {
        this.changes.changed('bulk', id);
        this.logger.info('bulk action stopped', { bulkId: id, by });
      });
    });
    return this.read(id);
  }
}

function toBulk(row: BulkRow): Bulk {
  const { id, action, filter, by, status, total, done, failed, failures, createdAt, endedAt } = row;
  return {
    ...{ id, do: action, filter, by, status, total, done, failed, failures },
    createdAt: new Date(createdAt).toISOString(),
    endedAt: isoOrNull(endedAt),
  };
}
