import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { RedisLink } from '../redis/redis-link.js';
import { REDIS } from '../redis/redis.module.js';
import { BullRunQueue } from './bull-run-queue.js';
import { EmbeddedRunQueue } from './embedded-run-queue.js';
import { RunQueue } from './run-queue.js';

/** Chooses the adapter of the dispatch port. Closed first when the orchestrator stops, so that no claim waits on. */
@Module({
  providers: [
    {
      provide: RunQueue,
      useFactory: (link: RedisLink | null, clock: Clock, logger: Logger) =>
        link === null ? new EmbeddedRunQueue(clock) : new BullRunQueue(link, clock, logger),
      inject: [REDIS, CLOCK, LOGGER],
    },
  ],
  exports: [RunQueue],
})
export class DispatchModule implements OnModuleDestroy {
  constructor(@Inject(RunQueue) private readonly queue: RunQueue) {}

  async onModuleDestroy(): Promise<void> {
    await this.queue.close();
  }
}
