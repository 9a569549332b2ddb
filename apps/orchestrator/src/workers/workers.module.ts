import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ControlFeed } from './control-feed.js';
import { WorkersController } from './workers.controller.js';
import { WorkersRepository } from './workers.repository.js';
import { WorkersService } from './workers.service.js';

@Module({
  imports: [AuthModule, DispatchModule],
  controllers: [WorkersController],
  providers: [WorkersService, WorkersRepository, ControlFeed],
  exports: [WorkersService, ControlFeed],
})
export class WorkersModule {}
