import { Global, Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { FleetReadings } from './fleet-readings.js';
import { LiveRuns } from './live-runs.js';
import { Meters } from './meters.js';
import { MetricsController } from './metrics.controller.js';

/** Numbers for machines; whoever does something that is counted takes `Meters`. */
@Global()
@Module({
  imports: [HealthModule, WorkersModule],
  controllers: [MetricsController],
  providers: [FleetReadings, LiveRuns, Meters],
  exports: [Meters],
})
export class MetricsModule {}
