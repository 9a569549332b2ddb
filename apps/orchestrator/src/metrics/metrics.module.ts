import { Global, Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { RunSizesRepository } from '../runs/run-sizes.repository.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { SettingsModule } from '../settings/settings.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { DemandController } from './demand.controller.js';
import { DemandRepository } from './demand.repository.js';
import { DemandService } from './demand.service.js';
import { FleetReadings } from './fleet-readings.js';
import { LiveRuns } from './live-runs.js';
import { Meters } from './meters.js';
import { MetricsController } from './metrics.controller.js';

/** Numbers for machines; whoever does something that is counted takes `Meters`. */
@Global()
@Module({
  imports: [HealthModule, SettingsModule, WorkersModule],
  controllers: [DemandController, MetricsController],
  providers: [DemandRepository, DemandService, FleetReadings, LiveRuns, Meters, RunSizesRepository, RunsRepository],
  exports: [DemandService, Meters],
})
export class MetricsModule {}
