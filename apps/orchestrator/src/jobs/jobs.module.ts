import { Global, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Pulse } from '../common/pulse.js';
import { Database } from '../database/database.js';
import type { RedisLink } from '../redis/redis-link.js';
import { REDIS, RedisModule } from '../redis/redis.module.js';
import { BackgroundJobs } from './background-jobs.js';
import { BullJobs } from './bull-jobs.js';
import { EmbeddedJobs } from './embedded-jobs.js';
import { JobLeases } from './job-leases.js';

/** Chooses who rings for background jobs. */
@Global()
@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: BackgroundJobs,
      useFactory: (link: RedisLink | null, database: Database, pulse: Pulse, clock: Clock, logger: Logger) =>
        link === null
          ? new EmbeddedJobs(pulse, logger)
          : new BullJobs(link, new JobLeases(database, clock), pulse, clock, logger),
      inject: [REDIS, Database, Pulse, CLOCK, LOGGER],
    },
  ],
  exports: [BackgroundJobs],
})
export class JobsModule implements OnModuleDestroy {
  constructor(@Inject(BackgroundJobs) private readonly jobs: BackgroundJobs) {}

  async onModuleDestroy(): Promise<void> {
    await this.jobs.stop();
  }
}
