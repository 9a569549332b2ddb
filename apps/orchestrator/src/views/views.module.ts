import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ViewsController } from './views.controller.js';
import { ViewsRepository } from './views.repository.js';
import { ViewsService } from './views.service.js';

/** Saved views of the list of tasks. */
@Module({ imports: [AuthModule], controllers: [ViewsController], providers: [ViewsRepository, ViewsService] })
export class ViewsModule {}
