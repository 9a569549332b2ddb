import { Inject, Injectable } from '@nestjs/common';
import type {
  ApprovalDecision,
  DecidedVia,
  ReportApproval,
  ReportedApproval,
  WithdrawApprovals,
} from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { RunAsking, type Said } from '../runs/run-asking.service.js';
import type { Tx } from '../runs/run-status.js';
import type { RunRow } from '../runs/run.entity.js';
import { SettingsService } from '../settings/settings.service.js';
import { askedText, decidedText, grantOf, isGranted, kindOfTool, statusAfter } from './approval-rules.js';
import type { ApprovalRow } from './approval.entity.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { firstFit } from './match-rules.js';
import { RulesRepository } from './rules.repository.js';

/** Who decided at once, in place of a person who is asked. */
interface Decided {
  readonly via: DecidedVia;
  readonly by: string;
  readonly decision: ApprovalDecision;
}

/** What workers say about what Claude asks. */
@Injectable()
export class ApprovalReports {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ApprovalsRepository) private readonly approvals: ApprovalsRepository,
    @Inject(RulesRepository) private readonly rules: RulesRepository,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(RunAsking) private readonly asking: RunAsking,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stores what a run asks. The same report again, or an equal request of the same session whose decision Claude never got, is the one
   * that is stored; a rule of the repository or what was allowed for the run decides at once.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  async report(runId: string, report: ReportApproval): Promise<ReportedApproval> {
    const waitMs = (await this.settings.read()).approvalWaitSeconds * 1000;
    const row = await this.database.write(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      const run = await this.asking.held(manager, runId, report.epoch);
      const known = await this.approvals.reported(manager, runId, report);
      if (known !== null) return known;
      const { toolName, inputHash } = report;
      const before = await this.approvals.unanswered(manager, { sessionId: run.sessionId, toolName, inputHash });
      return before === null ? this.store(tx, run, report) : this.askAgain(tx, run, before, report);
    });
    return { id: row.id, status: row.status, decision: row.decision, waitMs };
  }

  /**
   * Claude got the decision, or does not wait for one any more.
   * @throws AppError `run_not_found`, `stale_lease` or `approval_not_found`.
   */
  async close(runId: string, approvalId: string, epoch: number): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.asking.held(manager, runId, epoch);
      const row = await this.approvals.find(manager, approvalId);
      if (row?.runId !== runId) throw new AppError('approval_not_found', `Run ${runId} has asked no ${approvalId}.`);
      if (row.status !== 'open') {
        if (row.appliedAt === null) await this.approvals.update(manager, row.id, { appliedAt: this.clock() });
        return;
      }
      await this.expire({ manager, afterCommit }, run, row, 'Claude does not wait for this decision any more.');
    });
  }

  /**
   * Claude went on without what it does not wait for: nobody has to decide that any more.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  async withdraw(runId: string, { epoch, waiting }: WithdrawApprovals): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.asking.held(manager, runId, epoch);
      const open = await this.approvals.open(manager, runId);
      for (const row of open.filter(({ id }) => !waiting.includes(id))) {
        const text = `Claude went on and did not ask again to ${askedText(row)}, so nobody has to decide it.`;
        await this.expire({ manager, afterCommit }, run, row, text);
      }
    });
  }

  private async expire(tx: Tx, run: RunRow, row: ApprovalRow, text: string): Promise<void> {
    await this.approvals.update(tx.manager, row.id, { status: 'expired' });
    const stillOpen = await this.approvals.countOpen(tx.manager, run.id);
    await this.asking.settle(tx, run, said(row, { status: 'expired', text }), stillOpen);
  }

  private async store(tx: Tx, run: RunRow, report: ReportApproval): Promise<ApprovalRow> {
    const { manager } = tx;
    const now = this.clock();
    const kind = kindOfTool(report.toolName);
    const grant = grantOf(report);
    const { epoch, suggestions, blockedPath, ...asked } = report;
    const url = await this.asking.repositoryUrl(manager, run.taskId);
    const repository = url === null ? undefined : (await this.repositories.byUrls(manager, [url])).get(url);
    const repositoryId = repository?.id ?? null;
    const decided =
      (await this.byRule(manager, repositoryId, { ...asked, kind })) ??
      (await this.byGrant(manager, run.id, asked.toolName, grant?.keys ?? []));
    const row: ApprovalRow = {
      id: newId('appr', now),
      ...{ runId: run.id, taskId: run.taskId, sessionId: run.sessionId, repositoryId, epoch, kind, ...asked },
      grantKeys: grant === null ? null : [...grant.keys],
      grantText: grant?.text ?? null,
      status: decided === null ? 'open' : statusAfter(decided.decision),
      createdAt: now,
      decidedAt: decided === null ? null : now,
      decidedBy: decided?.by ?? null,
      decidedVia: decided?.via ?? null,
      decision: decided?.decision ?? null,
      appliedAt: null,
    };
    await this.approvals.insert(manager, row);
    const { id: approvalId, toolName } = row;
    const facts = { approvalId, runId: run.id, taskId: run.taskId, toolName, kind };
    if (decided === null) {
      await this.asking.ask(tx, run, said(row, { text: `Claude wants to ${askedText(row)}.` }));
      tx.afterCommit(() => this.logger.info('approval asked for', facts));
      return row;
    }
    const text = `Claude wants to ${askedText(row)}; ${decided.by} ${decidedText(decided.decision)}.`;
    await this.asking.settle(tx, run, said(row, { text }), await this.approvals.countOpen(manager, run.id));
    tx.afterCommit(() => this.logger.info('approval decided', { ...facts, via: decided.via, by: decided.by }));
    return row;
  }

  /** A child that was started anew asks the same again: what was decided meanwhile counts, what is open stays the same request. */
  private async askAgain(tx: Tx, run: RunRow, before: ApprovalRow, report: ReportApproval): Promise<ApprovalRow> {
    const { epoch, requestId, toolUseId } = report;
    const place = { runId: run.id, epoch, requestId, toolUseId };
    await this.approvals.update(tx.manager, before.id, place);
    const row = { ...before, ...place };
    if (row.status === 'open') {
      await this.asking.ask(tx, run, null);
      return row;
    }
    const text = `Claude asks again to ${askedText(row)}; ${row.decidedBy ?? 'somebody'} had decided it already.`;
    await this.asking.settle(tx, run, said(row, { text }), await this.approvals.countOpen(tx.manager, run.id));
    return row;
  }

  private async byRule(
    manager: EntityManager,
    repositoryId: string | null,
    asked: Pick<ApprovalRow, 'kind' | 'toolName' | 'input' | 'inputCut' | 'cwd'>,
  ): Promise<Decided | null> {
    if (repositoryId === null || asked.kind !== 'permission') return null;
    const rule = firstFit(await this.rules.list(manager, repositoryId), asked);
    if (rule === undefined) return null;
    const by = `the rule ${rule.decision} ${rule.tool} ${rule.match}`;
    if (rule.decision === 'allow') return { via: 'rule', by, decision: { action: 'allow', scope: 'once' } };
    const message = rule.message ?? 'A rule of this repository does not allow it.';
    return { via: 'rule', by, decision: { action: 'deny', message, interrupt: false } };
  }

  private async byGrant(
    manager: EntityManager,
    runId: string,
    toolName: string,
    keys: readonly string[],
  ): Promise<Decided | null> {
    const grants = (await this.approvals.grants(manager, runId, toolName)).filter(
      ({ decision }) => decision?.action === 'allow' && decision.scope === 'run',
    );
    const granted = new Set(grants.flatMap(({ grantKeys }) => grantKeys ?? []));
    if (!isGranted(keys, granted)) return null;
    return { via: 'run', by: grants.at(-1)?.decidedBy ?? 'somebody', decision: { action: 'allow', scope: 'run' } };
  }
}

/** What the transcript says of it. */
export function said(row: ApprovalRow, { status = row.status, text }: { status?: Said['status']; text: string }): Said {
  const { id: approvalId, kind, toolName, toolUseId, decidedBy, decidedVia } = row;
  return { type: 'approval', approvalId, kind, toolName, toolUseId, status, by: decidedBy, via: decidedVia, text };
}
