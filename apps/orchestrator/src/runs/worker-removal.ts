import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { Database } from '../database/database.js';
import { WorkersService } from '../workers/workers.service.js';
import { RunEnds } from './run-ends.js';
import { RunsRepository } from './runs.repository.js';

/** Takes a worker out of service for good. */
@Injectable()
export class WorkerRemoval {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(WorkersService) private readonly workers: WorkersService,
  ) {}

  /**
   * Its tokens stop working, those of its runs too, and what it ran goes back in line; no attempt is counted. A claim that is being
   * answered at this moment may still hand it a run, which the reaper takes back.
   * @throws AppError `worker_not_found`.
   */
  async remove(workerId: string, by: string): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      // Runs before workers, as everybody locks them.
      for (const { id } of await this.runs.runningOn(manager, workerId)) {
        const run = await this.runs.lock(manager, id);
        if (run?.status !== 'running' || run.workerId !== workerId) continue;
        await this.ends.takeAway(tx, run, `${by} removed the worker ${run.workerName}.`);
      }
      if (await this.workers.remove(tx, workerId)) return;
      throw new AppError('worker_not_found', `There is no worker ${workerId}.`);
    });
  }
}
