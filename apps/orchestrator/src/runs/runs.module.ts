import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { BlobsRepository } from './blobs.repository.js';
import { BlobsService } from './blobs.service.js';
import { ClaimedRuns } from './claimed-runs.js';
import { ClaimsRepository } from './claims.repository.js';
import { ClaimsService } from './claims.service.js';
import { EventStream } from './event-stream.js';
import { LeasesService } from './leases.service.js';
import { PromotionService } from './promotion.service.js';
import { ProtocolController } from './protocol.controller.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { RunReaper } from './run-reaper.js';
import { RunStatus } from './run-status.js';
import { RunViews } from './run-views.js';
import { RunsController } from './runs.controller.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';
import { TRANSCRIPT_MAX_BYTES, TranscriptsService } from './transcripts.service.js';

@Module({
  imports: [AuthModule, DispatchModule, WorkersModule],
  controllers: [RunsController, ProtocolController],
  providers: [
    { provide: TRANSCRIPT_MAX_BYTES, useValue: 100_000_000 },
    BlobsRepository,
    BlobsService,
    ClaimedRuns,
    ClaimsRepository,
    ClaimsService,
    EventStream,
    LeasesService,
    PromotionService,
    RunEventsRepository,
    RunFeed,
    RunReaper,
    RunStatus,
    RunViews,
    RunsRepository,
    RunsService,
    TranscriptsService,
  ],
  exports: [RunsService, RunViews],
})
export class RunsModule {}
