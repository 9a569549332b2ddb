import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, CONFIG, type Clock } from '../common/tokens.js';
import type { Config } from '../config.js';
import { EmbeddedRunQueue } from './embedded-run-queue.js';
import { RunQueue } from './run-queue.js';

/** Chooses the adapter of the dispatch port. Closed first when the orchestrator stops, so that no claim waits on. */
@Module({
  providers: [
    {
      provide: RunQueue,
      useFactory: (config: Config, clock: Clock) => new EmbeddedRunQueue(config.claimPollMs, clock),
      inject: [CONFIG, CLOCK],
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
