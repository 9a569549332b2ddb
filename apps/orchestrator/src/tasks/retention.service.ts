import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { SettingsService } from '../settings/settings.service.js';
import { TasksRepository } from './tasks.repository.js';
import { TasksService } from './tasks.service.js';

const everyMs = 3_600_000;
const dayMs = 86_400_000;
/** Tasks that are looked up at once. Each is deleted in a transaction of its own, since its transcript may be large. */
const batch = 100;

/** Deletes tasks that ended longer ago than the settings say, with their runs, transcripts and files. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private isStopping = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TasksRepository) private readonly rows: TasksRepository,
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.add({ name: 'retention', everyMs, on: 'one', run: () => this.prune() });
  }

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** How many tasks were deleted. Ends early when the orchestrator stops; the next call goes on. */
  async prune(): Promise<number> {
    const { keepTasksDays } = await this.settings.read();
    if (keepTasksDays === null) return 0;
    const before = this.clock() - keepTasksDays * dayMs;
    let deleted = 0;
    for (;;) {
      const ids = await this.rows.endedBefore(this.database.read, before, batch);
      let inBatch = 0;
      for (const id of ids) {
        if (this.isStopping) return deleted;
        if (await this.delete(id)) inBatch++;
      }
      deleted += inBatch;
      // What could not be deleted now (somebody asked for another run) would only be found again.
      if (ids.length < batch || inBatch === 0) break;
    }
    if (deleted > 0) this.logger.info('old tasks deleted', { deleted, keepTasksDays });
    return deleted;
  }

  private async delete(taskId: string): Promise<boolean> {
    try {
      await this.tasks.delete(taskId);
      return true;
    } catch (error) {
      if (error instanceof AppError && (error.code === 'task_not_found' || error.code === 'task_not_finished'))
        return false;
      throw error;
    }
  }
}
