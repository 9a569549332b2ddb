import { Inject, Injectable } from '@nestjs/common';
import {
  ApprovalId,
  type Approval,
  type ApprovalDecision,
  type ApprovalPage,
  type ApprovalQuery,
} from '@corch/contract';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../common/app-error.js';
import { cutPage, demandCursor } from '../common/list-cursor.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { RunAsking } from '../runs/run-asking.service.js';
import { said } from './approval-reports.service.js';
import { decidedText, misfit, statusAfter } from './approval-rules.js';
import { ApprovalViews } from './approval-views.js';
import type { ApprovalRow } from './approval.entity.js';
import { ApprovalsRepository } from './approvals.repository.js';

/** What people see and decide. */
@Injectable()
export class ApprovalsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ApprovalsRepository) private readonly approvals: ApprovalsRepository,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(ApprovalViews) private readonly views: ApprovalViews,
    @Inject(RunAsking) private readonly asking: RunAsking,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `repository_not_found`, or `unknown_parameter` when the cursor is none of this list. */
  async list({ status, repository, task, sort, limit, cursor }: ApprovalQuery): Promise<ApprovalPage> {
    const { read } = this.database;
    const after = demandCursor(cursor, sort, ApprovalId);
    const named = repository === undefined ? undefined : await this.repositories.get(read, repository);
    const filter = { status, repositoryId: named?.id, taskId: task };
    const rows = await this.approvals.list(read, filter, sort, after, limit + 1);
    const { page, ...rest } = cutPage(rows, limit, sort);
    return { data: await this.views.of(page), ...rest };
  }

  /** @throws AppError `approval_not_found`. */
  async read(id: string): Promise<Approval> {
    const row = await this.approvals.find(this.database.read, id);
    const [view] = row === null ? [] : await this.views.of([row]);
    if (view === undefined) throw notFound(id);
    return view;
  }

  countOpen(): Promise<number> {
    return this.approvals.countOpen(this.database.read, null);
  }

  /**
   * Decides. The first decision counts; the same one again by the same caller, whose answer was lost, is none of its own.
   * @throws AppError `approval_not_found`, `approval_decided` with who decided and what, or `validation_failed`.
   */
  async decide(id: string, decision: ApprovalDecision, by: string): Promise<Approval> {
    const known = await this.approvals.find(this.database.read, id);
    if (known === null) throw notFound(id);
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.asking.lock(manager, known.runId);
      const row = await this.approvals.find(manager, id);
      if (row === null) throw notFound(id);
      if (row.status !== 'open') {
        if (row.decidedBy === by && isDeepStrictEqual(row.decision, decision)) return;
        throw decidedAlready(row);
      }
      const wrong = misfit(row, decision);
      if (wrong !== null) {
        const field = wrong.pointer.slice(1);
        throw new AppError('validation_failed', `\`${field}\` ${wrong.message}.`, { errors: [wrong] });
      }
      const now = this.clock();
      const status = statusAfter(decision);
      const patch = { status, decision, decidedBy: by, decidedVia: 'person', decidedAt: now } as const;
      await this.approvals.update(manager, id, patch);
      const decided = { ...row, ...patch };
      const stillOpen = await this.approvals.countOpen(manager, row.runId);
      const event = said(decided, { text: `${by} ${decidedText(decision)}.` });
      await this.asking.answer({ manager, afterCommit }, run, { id, decision, by }, event, stillOpen);
      const waitedMs = now - row.createdAt;
      const facts = { approvalId: id, runId: row.runId, taskId: row.taskId, toolName: row.toolName };
      afterCommit(() => this.logger.info('approval decided', { ...facts, via: 'person', by, status, waitedMs }));
    });
    return this.read(id);
  }
}

function notFound(id: string): AppError {
  return new AppError('approval_not_found', `There is no approval ${id}; its task may have been deleted.`);
}

function decidedAlready(row: ApprovalRow): AppError {
  const when = row.decidedAt === null ? '' : ` at ${new Date(row.decidedAt).toISOString()}`;
  const what =
    row.decision === null
      ? 'The run has ended, or Claude does not wait for this any more.'
      : `${row.decidedBy ?? 'Somebody'} ${decidedText(row.decision)}${when}.`;
  return new AppError('approval_decided', what, { currentStatus: row.status });
}
