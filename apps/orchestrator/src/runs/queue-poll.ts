import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { ClaimsRepository } from './claims.repository.js';
import { RunViews } from './run-views.js';

/** How far into the line of a pool it looks. */
const lookedAt = 200;

/**
 * Finds runs whose hint was lost, and runs that suited nobody when they were announced: whatever becomes of the queue, a run that
 * could go waits for one poll. It asks once for all the claims that wait here.
 */
@Injectable()
export class QueuePoll implements OnApplicationBootstrap {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(RunViews) private readonly views: RunViews,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.add({ name: 'queue', everyMs: this.config.claimPollMs, on: 'each', run: () => this.poll() });
  }

  /** How many claims were woken. */
  async poll(): Promise<number> {
    let woken = 0;
    for (const pool of this.queue.waitingPools()) {
      const line = await this.claims.line(this.database.read, pool, lookedAt);
      for (const { takers } of await this.views.takeable(line)) {
        if (!this.queue.offer(pool, takers())) break;
        woken++;
      }
    }
    return woken;
  }
}
