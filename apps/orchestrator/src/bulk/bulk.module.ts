import { Module } from '@nestjs/common';
import { TasksModule } from '../tasks/tasks.module.js';
import { BulkWork } from './bulk-work.service.js';
import { BulkController } from './bulk.controller.js';
import { BulkRepository } from './bulk.repository.js';
import { BulkService } from './bulk.service.js';

/** Actions on many tasks. */
@Module({
  imports: [TasksModule],
  controllers: [BulkController],
  providers: [BulkRepository, BulkService, BulkWork],
})
export class BulkModule {}
