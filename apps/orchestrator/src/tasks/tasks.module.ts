import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { TaskViews } from './task-views.js';
import { TasksController } from './tasks.controller.js';
import { TasksRepository } from './tasks.repository.js';
import { TasksService } from './tasks.service.js';

@Module({
  imports: [RunsModule, WorkersModule],
  controllers: [TasksController],
  providers: [TaskViews, TasksRepository, TasksService],
  exports: [TasksService],
})
export class TasksModule {}
