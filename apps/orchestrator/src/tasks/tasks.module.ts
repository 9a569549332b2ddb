import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ApprovalsModule } from '../approvals/approvals.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { TaskViews } from './task-views.js';
import { SettingsModule } from '../settings/settings.module.js';
import { PreviewService } from './preview.service.js';
import { StatisticsModule } from '../statistics/statistics.module.js';
import { Submissions } from './submissions.js';
import { TaskTalksService } from './task-talks.service.js';
import { TasksController } from './tasks.controller.js';
import { TasksRepository } from './tasks.repository.js';
import { TasksService } from './tasks.service.js';

@Module({
  imports: [ApprovalsModule, RepositoriesModule, RunsModule, SettingsModule, StatisticsModule, WorkersModule],
  controllers: [TasksController],
  providers: [PreviewService, Submissions, TaskTalksService, TaskViews, TasksRepository, TasksService],
  exports: [TasksService],
})
export class TasksModule {}
