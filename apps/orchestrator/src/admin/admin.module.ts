import { Module } from '@nestjs/common';
import { RetentionModule } from '../retention/retention.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { AdminStatsController } from './admin-stats.controller.js';
import { AdminStatsService } from './admin-stats.service.js';

@Module({
  imports: [RetentionModule, RunsModule, TasksModule, WorkersModule],
  controllers: [AdminStatsController],
  providers: [AdminStatsService],
})
export class AdminModule {}
