import { Controller, Inject } from '@nestjs/common';
import { routes, type Approval, type ApprovalPage, type ApprovalRule, type ReportedApproval } from '@corch/contract';
import { callerName, type Caller, type CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { demandEpoch } from '../runs/demand-epoch.js';
import { ApprovalReports } from './approval-reports.service.js';
import { ApprovalsService } from './approvals.service.js';
import { RulesService } from './rules.service.js';

@Controller()
export class ApprovalsController {
  constructor(
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(ApprovalReports) private readonly reports: ApprovalReports,
    @Inject(RulesService) private readonly rules: RulesService,
  ) {}

  @Route(routes.listApprovals)
  listApprovals(@Input() { query }: InputOf<typeof routes.listApprovals>): Promise<ApprovalPage> {
    return this.approvals.list(query);
  }

  @Route(routes.readApproval)
  readApproval(@Input() { params }: InputOf<typeof routes.readApproval>): Promise<Approval> {
    return this.approvals.read(params.approvalId);
  }

  @Route(routes.decideApproval)
  decideApproval(
    @Input() { params, body }: InputOf<typeof routes.decideApproval>,
    @From() caller: Caller,
  ): Promise<Approval> {
    return this.approvals.decide(params.approvalId, body, callerName(caller));
  }

  @Route(routes.listRules)
  async listRules(@Input() { params }: InputOf<typeof routes.listRules>): Promise<{ data: ApprovalRule[] }> {
    return { data: await this.rules.list(params.repository) };
  }

  @Route(routes.addRule)
  addRule(
    @Input() { params, body }: InputOf<typeof routes.addRule>,
    @From() caller: CallerOf<'user'>,
  ): Promise<ApprovalRule> {
    return this.rules.add(params.repository, body, caller.name);
  }

  @Route(routes.previewRule)
  previewRule(
    @Input() { params, body }: InputOf<typeof routes.previewRule>,
  ): Promise<{ looked: number; fits: number; data: Approval[] }> {
    return this.rules.preview(params.repository, body);
  }

  @Route(routes.editRule)
  editRule(
    @Input() { params, body }: InputOf<typeof routes.editRule>,
    @From() caller: CallerOf<'user'>,
  ): Promise<ApprovalRule> {
    return this.rules.edit(params.repository, params.ruleId, body, caller.name);
  }

  @Route(routes.removeRule)
  async removeRule(
    @Input() { params }: InputOf<typeof routes.removeRule>,
    @From() caller: CallerOf<'user'>,
  ): Promise<void> {
    await this.rules.remove(params.repository, params.ruleId, caller.name);
  }

  @Route(routes.reportApproval)
  reportApproval(
    @Input() { params, body }: InputOf<typeof routes.reportApproval>,
    @From() caller: CallerOf<'run'>,
  ): Promise<ReportedApproval> {
    demandEpoch(caller, body.epoch, '/epoch');
    return this.reports.report(params.runId, body);
  }

  @Route(routes.closeApproval)
  async closeApproval(
    @Input() { params, body }: InputOf<typeof routes.closeApproval>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    demandEpoch(caller, body.epoch, '/epoch');
    await this.reports.close(params.runId, params.approvalId, body.epoch);
  }

  @Route(routes.withdrawApprovals)
  async withdrawApprovals(
    @Input() { params, body }: InputOf<typeof routes.withdrawApprovals>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    demandEpoch(caller, body.epoch, '/epoch');
    await this.reports.withdraw(params.runId, body);
  }
}
