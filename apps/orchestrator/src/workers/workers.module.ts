import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ControlFeed } from './control-feed.js';
import { WorkersController } from './workers.controller.js';
import { WorkersRepository } from './workers.repository.js';
import { WorkersService } from './workers.service.js';

@Module({
  imports: [AuthModule],
  controllers: [WorkersController],
  providers: [WorkersService, WorkersRepository, ControlFeed],
  exports: [WorkersService, ControlFeed],
})
export class WorkersModule {}
