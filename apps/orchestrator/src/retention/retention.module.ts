import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { LastRemoval } from './last-removal.js';
import { RetentionOutlook } from './outlook.service.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [RunsModule, SettingsModule, TasksModule],
  providers: [LastRemoval, RetentionOutlook, RetentionService],
  exports: [RetentionOutlook, RetentionService],
})
export class RetentionModule {}
