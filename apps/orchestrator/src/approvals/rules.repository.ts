import { Injectable } from '@nestjs/common';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import { ApprovalRuleRow } from './approval-rule.entity.js';

/** Rows of the rules of repositories. */
@Injectable()
export class RulesRepository {
  /** In their order. */
  list(manager: EntityManager, repositoryId: string): Promise<ApprovalRuleRow[]> {
    return manager.createQueryBuilder(ApprovalRuleRow, 'r').where({ repositoryId }).orderBy('r.position').getMany();
  }

  /** Stores the rules of a repository as they shall stand, in this order. */
  async replace(manager: EntityManager, repositoryId: string, rules: readonly ApprovalRuleRow[]): Promise<void> {
    await manager.createQueryBuilder().delete().from(ApprovalRuleRow).where({ repositoryId }).execute();
    if (rules.length === 0) return;
    const values: ObjectLiteral[] = rules.map((rule, index) => ({ ...rule, position: index + 1 }));
    const query = manager.createQueryBuilder().insert().into<ObjectLiteral>(ApprovalRuleRow);
    await query.values(values).updateEntity(false).execute();
  }
}
