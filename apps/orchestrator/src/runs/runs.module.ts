import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { BlobsRepository } from './blobs.repository.js';
import { BlobsService } from './blobs.service.js';
import { ClaimLine } from './claim-line.js';
import { ClaimWatch } from './claim-watch.js';
import { ClockShiftsRepository } from './clock-shifts.repository.js';
import { ClockWatch } from './clock-watch.js';
import { ClaimedRuns } from './claimed-runs.js';
import { ClaimsRepository } from './claims.repository.js';
import { ClaimsService } from './claims.service.js';
import { Conversation } from './conversation.service.js';
import { Deliveries } from './deliveries.service.js';
import { FollowedChanges } from './followed-changes.js';
import { EventStream } from './event-stream.js';
import { AdminController } from './admin.controller.js';
import { LeasesService } from './leases.service.js';
import { LiveStreamController } from './live-stream.controller.js';
import { LoginsService } from './logins.service.js';
import { PromotionService } from './promotion.service.js';
import { ProtocolController } from './protocol.controller.js';
import { QueuePoll } from './queue-poll.js';
import { RunAsking } from './run-asking.service.js';
import { RunEnds } from './run-ends.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { RunInboxRepository } from './run-inbox.repository.js';
import { RunInbox } from './run-inbox.service.js';
import { RunReaper } from './run-reaper.js';
import { RunRemoval } from './run-removal.service.js';
import { RunSecretsController } from './run-secrets.controller.js';
import { RunSizesRepository } from './run-sizes.repository.js';
import { RunWeights } from './run-weights.service.js';
import { RunStatus } from './run-status.js';
import { RunViews } from './run-views.js';
import { RunsController } from './runs.controller.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';
import { SilenceWatch } from './silence-watch.js';
import { StartChanges } from './start-changes.js';
import { TRANSCRIPT_MAX_BYTES, TranscriptsService } from './transcripts.service.js';
import { WorkerRemovalController } from './worker-removal.controller.js';
import { WorkerRemoval } from './worker-removal.js';

@Module({
  imports: [AuthModule, DispatchModule, RepositoriesModule, WorkersModule],
  controllers: [
    RunsController,
    LiveStreamController,
    ProtocolController,
    RunSecretsController,
    AdminController,
    WorkerRemovalController,
  ],
  providers: [
    { provide: TRANSCRIPT_MAX_BYTES, useValue: 100_000_000 },
    BlobsRepository,
    BlobsService,
    ClaimLine,
    ClaimWatch,
    ClockShiftsRepository,
    ClockWatch,
    ClaimedRuns,
    ClaimsRepository,
    ClaimsService,
    Conversation,
    Deliveries,
    FollowedChanges,
    EventStream,
    LeasesService,
    LoginsService,
    PromotionService,
    QueuePoll,
    RunAsking,
    RunEnds,
    RunEventsRepository,
    RunFeed,
    RunInbox,
    RunInboxRepository,
    RunReaper,
    RunRemoval,
    RunSizesRepository,
    RunStatus,
    RunViews,
    RunWeights,
    RunsRepository,
    RunsService,
    SilenceWatch,
    StartChanges,
    TranscriptsService,
    WorkerRemoval,
  ],
  exports: [
    Conversation,
    Deliveries,
    RunsService,
    RunAsking,
    RunEnds,
    RunInbox,
    RunRemoval,
    RunViews,
    RunWeights,
    StartChanges,
  ],
})
export class RunsModule {}
