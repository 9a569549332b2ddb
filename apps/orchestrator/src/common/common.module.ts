import type { Server } from 'node:http';
import { Global, Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, HttpAdapterHost } from '@nestjs/core';
import type { Config } from '../config.js';
import { Address } from './address.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { ExpiryService } from './expiry.service.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';
import { Lifecycle } from './lifecycle.js';
import { Limits } from './limits.js';
import type { Logger } from './logger.js';
import { ProblemFilter } from './problem.filter.js';
import { Pulse } from './pulse.js';
import { closeStreams } from './sse.js';
import { CLOCK, CONFIG, LOGGER, MONOTONIC, type Clock } from './tokens.js';

/** What the process is made with. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly monotonic: Clock;
}

/** For everybody: configuration, clock, logger, and how requests are answered. */
@Global()
@Module({})
export class CommonModule implements OnModuleDestroy {
  constructor(
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** The first thing of a stop: nothing new begins, and nothing that has no end goes on. */
  onModuleDestroy(): void {
    this.lifecycle.state = 'stopping';
    closeStreams(this.host.httpAdapter.getHttpServer() as Server);
  }

  static with({ config, logger, clock, monotonic }: Surroundings): DynamicModule {
    return {
      module: CommonModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: CLOCK, useValue: clock },
        { provide: MONOTONIC, useValue: monotonic },
        Address,
        Lifecycle,
        Limits,
        Pulse,
        ExpiryService,
        IdempotencyRepository,
        IdempotencyService,
        { provide: APP_FILTER, useClass: ProblemFilter },
        // The first is the outermost: an answer is checked before it is kept for repeats.
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
      ],
      exports: [CONFIG, LOGGER, CLOCK, MONOTONIC, Address, Lifecycle, Limits, Pulse],
    };
  }
}
