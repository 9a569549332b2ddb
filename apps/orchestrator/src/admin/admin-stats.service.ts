import { Inject, Injectable } from '@nestjs/common';
import type { AdminStats } from '@corch/contract';
import { DearAnswer } from '../common/dear-answer.js';
import { Lifecycle } from '../common/lifecycle.js';
import { CLOCK, MONOTONIC, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { databaseSize } from '../database/database-size.js';
import { DemandService } from '../metrics/demand.service.js';
import { RetentionOutlook } from '../retention/outlook.service.js';
import { RunsService } from '../runs/runs.service.js';
import { TasksService } from '../tasks/tasks.service.js';
import { WorkersService } from '../workers/workers.service.js';
import { listOrchestrators } from './orchestrators.js';

/** What an operator asks for, from all over the orchestrator. */
@Injectable()
export class AdminStatsService {
  /** To count them walks through all runs that are kept. */
  private readonly runCounts: DearAnswer<AdminStats['runs']>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(RunsService) private readonly runs: RunsService,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(DemandService) private readonly demand: DemandService,
    @Inject(RetentionOutlook) private readonly outlook: RetentionOutlook,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONOTONIC) monotonic: Clock,
  ) {
    this.runCounts = new DearAnswer(() => this.runs.countByStatus(), monotonic);
  }

  async read(): Promise<AdminStats> {
    const now = this.clock();
    const [database, outlook, { tasks, slots, oldestQueuedAt }, runs, workers, pools, orchestrators] =
      await Promise.all([
        databaseSize(this.database),
        this.outlook.read(),
        this.tasks.statistics(),
        this.runCounts.get(),
        this.workers.list(),
        this.demand.wanted(),
        listOrchestrators(this.database, now, this.lifecycle.startedAt),
      ]);
    const online = workers.filter(({ state }) => state === 'online').length;
    return {
      at: new Date(now).toISOString(),
      database,
      ...outlook,
      tasks,
      runs,
      workers: { online, offline: workers.length - online, slotsUsed: slots.used, slots: slots.total },
      pools,
      oldestQueuedAt,
      orchestrators,
    };
  }
}
