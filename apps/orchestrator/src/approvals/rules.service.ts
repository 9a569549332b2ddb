import { Inject, Injectable } from '@nestjs/common';
import type { AddRule, Approval, ApprovalRule, EditRule, PreviewRule } from '@corch/contract';
import type { z } from 'zod';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { iso } from '../runs/run-views.js';
import { ApprovalViews } from './approval-views.js';
import type { ApprovalRuleRow } from './approval-rule.entity.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { fits } from './match-rules.js';
import { RulesRepository } from './rules.repository.js';

const maxRules = 1000;
/** How far back a preview looks, and how much of it is shown. */
const lookedAt = 1000;
const shown = 100;

/** The rules of repositories, as admins keep them. */
@Injectable()
export class RulesService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RulesRepository) private readonly rules: RulesRepository,
    @Inject(ApprovalsRepository) private readonly approvals: ApprovalsRepository,
    @Inject(ApprovalViews) private readonly views: ApprovalViews,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `repository_not_found`, as by all of them. */
  async list(repository: string): Promise<ApprovalRule[]> {
    const { id } = await this.repositories.get(this.database.read, repository);
    return (await this.rules.list(this.database.read, id)).map(toRule);
  }

  async add(repository: string, { position, ...rule }: z.output<typeof AddRule>, by: string): Promise<ApprovalRule> {
    const now = this.clock();
    const added = await this.change(repository, (rows, repositoryId) => {
      if (rows.length >= maxRules) throw tooMany();
      const row: ApprovalRuleRow = {
        ...{ id: newId('rule', now), repositoryId, position: 0, ...rule },
        ...{ createdAt: now, createdBy: by },
      };
      return [placed(rows, row, position), row];
    });
    this.logger.info('approval rule added', { repository, ruleId: added.id, ...rule, by });
    return added;
  }

  /** @throws AppError `rule_not_found`. */
  async edit(repository: string, ruleId: string, { position, ...edit }: EditRule, by: string): Promise<ApprovalRule> {
    const edited = await this.change(repository, (rows) => {
      const row = { ...demand(rows, ruleId), ...edit };
      const others = rows.filter(({ id }) => id !== ruleId);
      return [placed(others, row, position ?? rows.findIndex(({ id }) => id === ruleId) + 1), row];
    });
    this.logger.info('approval rule changed', { repository, ruleId, changed: Object.keys(edit), position, by });
    return edited;
  }

  /** @throws AppError `rule_not_found`. */
  async remove(repository: string, ruleId: string, by: string): Promise<void> {
    await this.change(repository, (rows) => {
      const row = demand(rows, ruleId);
      return [rows.filter((one) => one !== row), row];
    });
    this.logger.info('approval rule removed', { repository, ruleId, by });
  }

  /** Which of the newest requests of the repository a rule would have decided, had it been alone. */
  async preview(
    repository: string,
    rule: z.output<typeof PreviewRule>,
  ): Promise<{ looked: number; fits: number; data: Approval[] }> {
    const { read } = this.database;
    const { id } = await this.repositories.get(read, repository);
    const rows = await this.approvals.list(read, { repositoryId: id }, '-createdAt', null, lookedAt);
    const found = rows.filter((row) => fits(rule, row));
    return { looked: rows.length, fits: found.length, data: await this.views.of(found.slice(0, shown)) };
  }

  private async change(
    repository: string,
    work: (rows: ApprovalRuleRow[], repositoryId: string) => [after: ApprovalRuleRow[], about: ApprovalRuleRow],
  ): Promise<ApprovalRule> {
    return this.database.write(async (manager) => {
      const { id } = await this.repositories.get(manager, repository, 'lock');
      const [after, about] = work(await this.rules.list(manager, id), id);
      await this.rules.replace(manager, id, after);
      return toRule(about);
    });
  }
}

function demand(rows: readonly ApprovalRuleRow[], ruleId: string): ApprovalRuleRow {
  const row = rows.find(({ id }) => id === ruleId);
  if (row === undefined) throw new AppError('rule_not_found', `The repository has no rule ${ruleId}.`);
  return row;
}

function tooMany(): AppError {
  return new AppError('validation_failed', `A repository has at most ${maxRules} rules; remove some first.`);
}

/** `position` 1 is the front; behind all others when undefined or larger. */
function placed(rows: readonly ApprovalRuleRow[], row: ApprovalRuleRow, position: number | undefined) {
  const at = position === undefined ? rows.length : Math.min(position - 1, rows.length);
  return [...rows.slice(0, at), row, ...rows.slice(at)];
}

function toRule({ id, tool, match, decision, message, createdAt, createdBy }: ApprovalRuleRow): ApprovalRule {
  return { id, tool, match, decision, message, createdAt: iso(createdAt), createdBy };
}
