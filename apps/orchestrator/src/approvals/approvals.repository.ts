import { Injectable } from '@nestjs/common';
import type { ApprovalStatus } from '@corch/contract';
import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import type { ListCursor } from '../common/list-cursor.js';
import { RepositoryRow } from '../repositories/repository.entity.js';
import { TaskRow } from '../tasks/task.entity.js';
import { ApprovalRow } from './approval.entity.js';

/** Which approvals, without the page. */
export interface ApprovalFilter {
  readonly status?: readonly ApprovalStatus[] | undefined;
  readonly repositoryId?: string | undefined;
  readonly taskId?: string | undefined;
}

/** What is known of an approval beside its row. */
export interface Names {
  readonly titles: ReadonlyMap<string, string>;
  readonly repositories: ReadonlyMap<string, string>;
}

/** Rows of what runs asked. */
@Injectable()
export class ApprovalsRepository {
  find(manager: EntityManager, id: string): Promise<ApprovalRow | null> {
    return manager.createQueryBuilder(ApprovalRow, 'a').where({ id }).getOne();
  }

  async insert(manager: EntityManager, row: ApprovalRow): Promise<void> {
    // The recursive JSON type inside is too deep for the mapped types of TypeORM.
    const values: ObjectLiteral = row;
    const query = manager.createQueryBuilder().insert().into<ObjectLiteral>(ApprovalRow);
    await query.values(values).updateEntity(false).execute();
  }

  async update(manager: EntityManager, id: string, patch: Partial<ApprovalRow>): Promise<void> {
    await manager
      .createQueryBuilder()
      .update<ObjectLiteral>(ApprovalRow)
      .set({ ...patch })
      .where({ id })
      .execute();
  }

  /** What was reported with just these ids. */
  reported(
    manager: EntityManager,
    runId: string,
    report: Pick<ApprovalRow, 'epoch' | 'requestId' | 'toolUseId'>,
  ): Promise<ApprovalRow | null> {
    const { epoch, requestId, toolUseId } = report;
    const query = manager.createQueryBuilder(ApprovalRow, 'a').where({ runId, epoch, requestId });
    if (toolUseId === null) query.andWhere('a.toolUseId IS NULL');
    else query.andWhere('a.toolUseId = :toolUseId', { toolUseId });
    return query.getOne();
  }

  /** The newest that is equal, of the same session, and open or decided without Claude having got the decision. */
  unanswered(
    manager: EntityManager,
    asked: Pick<ApprovalRow, 'sessionId' | 'toolName' | 'inputHash'>,
  ): Promise<ApprovalRow | null> {
    return manager
      .createQueryBuilder(ApprovalRow, 'a')
      .where(asked)
      .andWhere(`a.appliedAt IS NULL AND a.status <> 'expired'`)
      .orderBy('a.createdAt', 'DESC')
      .addOrderBy('a.id', 'DESC')
      .limit(1)
      .getOne();
  }

  /** What people allowed for the whole run, for one tool. */
  grants(manager: EntityManager, runId: string, toolName: string): Promise<ApprovalRow[]> {
    return manager
      .createQueryBuilder(ApprovalRow, 'a')
      .where({ runId, toolName, status: 'allowed', decidedVia: 'person' })
      .orderBy('a.decidedAt')
      .getMany();
  }

  /** What a run waits for, oldest first. */
  open(manager: EntityManager, runId: string): Promise<ApprovalRow[]> {
    const query = manager.createQueryBuilder(ApprovalRow, 'a').where(`a.status = 'open'`).andWhere({ runId });
    return query.orderBy('a.createdAt').addOrderBy('a.id').getMany();
  }

  /** How many of a run are open; `taskId` null: of all. */
  countOpen(manager: EntityManager, runId: string | null): Promise<number> {
    const query = manager.createQueryBuilder(ApprovalRow, 'a').where(`a.status = 'open'`);
    if (runId !== null) query.andWhere('a.runId = :runId', { runId });
    return query.getCount();
  }

  list(
    manager: EntityManager,
    filter: ApprovalFilter,
    sort: ListCursor['sort'],
    after: ListCursor | null,
    limit: number,
  ): Promise<ApprovalRow[]> {
    const query = manager.createQueryBuilder(ApprovalRow, 'a').where('1 = 1');
    const [only, ...more] = filter.status ?? [];
    // A literal, as SQLite uses partial indexes only then.
    if (only === 'open' && more.length === 0) query.andWhere(`a.status = 'open'`);
    else if (only !== undefined) query.andWhere({ status: In([only, ...more]) });
    if (filter.repositoryId !== undefined) query.andWhere({ repositoryId: filter.repositoryId });
    if (filter.taskId !== undefined) query.andWhere({ taskId: filter.taskId });
    const isOldestFirst = sort === 'createdAt';
    if (after !== null) {
      const sign = isOldestFirst ? '>' : '<';
      query.andWhere(`(a.createdAt ${sign} :at OR (a.createdAt = :at AND a.id ${sign} :id))`, {
        at: after.createdAt,
        id: after.id,
      });
    }
    const direction = isOldestFirst ? 'ASC' : 'DESC';
    return query.orderBy('a.createdAt', direction).addOrderBy('a.id', direction).limit(limit).getMany();
  }

  /** Titles of the tasks and names of the repositories, as they are now. */
  async names(manager: EntityManager, rows: readonly ApprovalRow[]): Promise<Names> {
    const taskIds = [...new Set(rows.map(({ taskId }) => taskId))];
    const repositoryIds = [...new Set(rows.flatMap(({ repositoryId }) => repositoryId ?? []))];
    const tasks =
      taskIds.length === 0
        ? []
        : await manager
            .createQueryBuilder(TaskRow, 't')
            .select(['t.id', 't.title'])
            .where({ id: In(taskIds) })
            .getMany();
    const repositories =
      repositoryIds.length === 0
        ? []
        : await manager
            .createQueryBuilder(RepositoryRow, 'r')
            .select(['r.id', 'r.name'])
            .where({ id: In(repositoryIds) })
            .getMany();
    return {
      titles: new Map(tasks.map(({ id, title }) => [id, title])),
      repositories: new Map(repositories.map(({ id, name }) => [id, name])),
    };
  }
}
