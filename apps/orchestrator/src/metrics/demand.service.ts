import { Inject, Injectable } from '@nestjs/common';
import type { WantedQuery, WantedWorkers } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { DearAnswer } from '../common/dear-answer.js';
import { CLOCK, MONOTONIC, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { SettingsService } from '../settings/settings.service.js';
import { WorkersService } from '../workers/workers.service.js';
import { DemandRepository } from './demand.repository.js';
import { wantedWorkers, type Demand } from './wanted-workers.js';

/** How many workers pools could use now. With very much in line the answer may be a few seconds old. */
@Injectable()
export class DemandService {
  private readonly latest: DearAnswer<Demand>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DemandRepository) private readonly rows: DemandRepository,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONOTONIC) monotonic: Clock,
  ) {
    this.latest = new DearAnswer(() => this.read(), monotonic);
  }

  /** @throws AppError `pool_not_found`. */
  async wanted({ pool, size }: WantedQuery = {}): Promise<WantedWorkers[]> {
    const all = wantedWorkers(await this.latest.get(), size);
    const wanted = pool === undefined ? all : all.filter((one) => one.pool === pool);
    if (pool !== undefined && wanted.length === 0) {
      throw new AppError('pool_not_found', `There is no pool \`${pool}\`.`);
    }
    return wanted;
  }

  private async read(): Promise<Demand> {
    const { read } = this.database;
    const [pools, workers, waiting, running, { maxRunning }] = await Promise.all([
      this.workers.poolRows(read),
      this.workers.rows(),
      this.rows.waiting(read),
      this.runs.running(read),
      this.settings.read(),
    ]);
    const isOnline = (worker: (typeof workers)[number]) => this.workers.isOnline(worker);
    return { pools, maxRunning, workers, isOnline, waiting, running, now: this.clock() };
  }
}
