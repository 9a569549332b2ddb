import { Injectable } from '@nestjs/common';
import type { InboxKind } from '@corch/contract';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import { RunInboxRow } from './run-inbox.entity.js';

/** Rows of what was said to runs. */
@Injectable()
export class RunInboxRepository {
  async insert(manager: EntityManager, row: RunInboxRow): Promise<void> {
    // The recursive JSON type inside is too deep for the mapped types of TypeORM.
    const values: ObjectLiteral = row;
    const query = manager.createQueryBuilder().insert().into<ObjectLiteral>(RunInboxRow);
    await query.values(values).updateEntity(false).execute();
  }

  /** An item by its id; of those that were handed on, the one that was said first. */
  find(manager: EntityManager, id: string): Promise<RunInboxRow | null> {
    return manager.createQueryBuilder(RunInboxRow, 'i').where({ id }).orderBy('i.createdAt').limit(1).getOne();
  }

  /** The items after `after`, in order. */
  after(manager: EntityManager, runId: string, after: number, limit: number): Promise<RunInboxRow[]> {
    return manager
      .createQueryBuilder(RunInboxRow, 'i')
      .where('i.runId = :runId AND i.n > :after', { runId, after })
      .orderBy('i.n')
      .limit(limit)
      .getMany();
  }

  /** Items of a kind; with `open` only those that still need somebody. */
  ofKind(manager: EntityManager, runId: string, kind: InboxKind, open: boolean): Promise<RunInboxRow[]> {
    const query = manager
      .createQueryBuilder(RunInboxRow, 'i')
      .where('i.runId = :runId AND i.kind = :kind', { runId, kind });
    if (open) query.andWhere('i.doneAt IS NULL');
    return query.orderBy('i.n').getMany();
  }

  /** Notes that a worker has the items up to `n`, where no one had them before. */
  async markTaken(manager: EntityManager, runId: string, n: number, epoch: number, now: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(RunInboxRow)
      .set({ takenEpoch: epoch, takenAt: now })
      .where('run_id = :runId AND n <= :n AND taken_at IS NULL', { runId, n })
      .execute();
  }

  /** Notes that the items up to `n` need nobody any more. */
  async markDone(manager: EntityManager, runId: string, n: number, now: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(RunInboxRow)
      .set({ doneAt: now })
      .where('run_id = :runId AND n <= :n AND done_at IS NULL', { runId, n })
      .execute();
  }
}
