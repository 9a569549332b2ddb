import { Inject, Injectable } from '@nestjs/common';
import type { Approval } from '@corch/contract';
import { Database } from '../database/database.js';
import { iso, isoOrNull } from '../runs/run-views.js';
import type { ApprovalRow } from './approval.entity.js';
import { ApprovalsRepository } from './approvals.repository.js';

/** Turns rows into what the API shows. */
@Injectable()
export class ApprovalViews {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ApprovalsRepository) private readonly approvals: ApprovalsRepository,
  ) {}

  async of(rows: readonly ApprovalRow[]): Promise<Approval[]> {
    const { titles, repositories } = await this.approvals.names(this.database.read, rows);
    return rows.flatMap((row) => {
      const taskTitle = titles.get(row.taskId);
      // The task was deleted meanwhile.
      if (taskTitle === undefined) return [];
      return [toApproval(row, taskTitle, row.repositoryId === null ? null : repositories.get(row.repositoryId))];
    });
  }
}

function toApproval(row: ApprovalRow, taskTitle: string, repository: string | null | undefined): Approval {
  const { id, runId, taskId, kind, toolName, toolUseId, input, inputCut, plan, description, reason, cwd, status } = row;
  return {
    ...{ id, runId, taskId, taskTitle, repository: repository ?? null, kind, toolName, toolUseId, input, inputCut },
    ...{ plan, description, reason, cwd, grant: row.grantText, status },
    createdAt: iso(row.createdAt),
    decidedAt: isoOrNull(row.decidedAt),
    decidedBy: row.decidedBy,
    decidedVia: row.decidedVia,
    decision: row.decision,
    appliedAt: isoOrNull(row.appliedAt),
  };
}
