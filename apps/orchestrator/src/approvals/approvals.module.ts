import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ApprovalReports } from './approval-reports.service.js';
import { ApprovalViews } from './approval-views.js';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { ApprovalsService } from './approvals.service.js';
import { RulesRepository } from './rules.repository.js';
import { RulesService } from './rules.service.js';

/** What runs ask people, and the rules that decide for them. */
@Module({
  imports: [RepositoriesModule, RunsModule, SettingsModule],
  controllers: [ApprovalsController],
  providers: [ApprovalReports, ApprovalViews, ApprovalsRepository, ApprovalsService, RulesRepository, RulesService],
  exports: [ApprovalsService],
})
export class ApprovalsModule {}
