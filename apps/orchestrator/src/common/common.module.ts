import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
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
import { CLOCK, CONFIG, LOGGER, type Clock } from './tokens.js';

/** What the process is made with. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** For everybody: configuration, clock, logger, and how requests are answered. */
@Global()
@Module({})
export class CommonModule {
  static with({ config, logger, clock }: Surroundings): DynamicModule {
    return {
      module: CommonModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: CLOCK, useValue: clock },
        Address,
        Lifecycle,
        Limits,
        ExpiryService,
        IdempotencyRepository,
        IdempotencyService,
        { provide: APP_FILTER, useClass: ProblemFilter },
        // The first is the outermost: an answer is checked before it is kept for repeats.
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
      ],
      exports: [CONFIG, LOGGER, CLOCK, Address, Lifecycle, Limits],
    };
  }
}
