import { Module } from '@nestjs/common';
import { Database } from '../database/database.js';
import { AccessController } from './access.controller.js';
import { Authenticator } from './authenticator.js';
import { EnrolmentsRepository } from './enrolments.repository.js';
import { EnrolmentsService } from './enrolments.service.js';
import { KeysRepository } from './keys.repository.js';
import { KeysService } from './keys.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { readOrMakeValue } from '../settings/shared-value.js';
import { RUN_SECRET, TokensService } from './tokens.service.js';
import { newRunSecret } from './tokens.js';
import { WorkerTokensRepository } from './worker-tokens.repository.js';

@Module({
  controllers: [AccessController],
  providers: [
    {
      provide: RUN_SECRET,
      useFactory: (database: Database) => readOrMakeValue(database, 'run_token_secret', newRunSecret),
      inject: [Database],
    },
    KeysRepository,
    SessionsRepository,
    EnrolmentsRepository,
    WorkerTokensRepository,
    KeysService,
    SessionsService,
    EnrolmentsService,
    TokensService,
    Authenticator,
  ],
  exports: [TokensService, KeysService, SessionsService, Authenticator],
})
export class AuthModule {}
