import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BulkRow } from './bulk.entity.js';

/** What taking one more task changes. */
export type BulkProgress = Partial<Pick<BulkRow, 'total' | 'done' | 'failed' | 'failures' | 'place'>>;

/** Rows of actions on many tasks. */
@Injectable()
export class BulkRepository {
  async insert(manager: EntityManager, row: BulkRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(BulkRow).values(row).updateEntity(false).execute();
  }

  find(manager: EntityManager, id: string): Promise<BulkRow | null> {
    return manager.createQueryBuilder(BulkRow, 'b').where({ id }).getOne();
  }

  newest(manager: EntityManager, limit: number): Promise<BulkRow[]> {
    const query = manager.createQueryBuilder(BulkRow, 'b').orderBy('b.createdAt', 'DESC').addOrderBy('b.id', 'DESC');
    return query.limit(limit).getMany();
  }

  /** The running one that nobody holds and whose turn it is. */
  free(manager: EntityManager, now: number): Promise<BulkRow | null> {
    return manager
      .createQueryBuilder(BulkRow, 'b')
      .where(`b.status = 'running' AND b.heldUntil <= :now`, { now })
      .orderBy('b.heldUntil')
      .addOrderBy('b.createdAt')
      .limit(1)
      .getOne();
  }

  /** Holds one until a time, unless another has done so since it was read. */
  hold(manager: EntityManager, row: BulkRow, heldUntil: number): Promise<boolean> {
    return this.change(manager, row, 'held_until = :seen', row.heldUntil, { heldUntil });
  }

  /** Notes that one more task was taken, unless another has taken one since it was read, or it was stopped. */
  advance(manager: EntityManager, row: BulkRow, heldUntil: number, progress: BulkProgress): Promise<boolean> {
    return this.change(manager, row, 'taken = :seen', row.taken, { ...progress, taken: row.taken + 1, heldUntil });
  }

  /** Ends one that runs. */
  async end(manager: EntityManager, id: string, status: 'finished' | 'stopped', endedAt: number): Promise<boolean> {
    const query = manager.createQueryBuilder().update(BulkRow).set({ status, endedAt });
    return (await query.where(`id = :id AND status = 'running'`, { id }).execute()).affected === 1;
  }

  private async change(
    manager: EntityManager,
    { id }: BulkRow,
    unchanged: string,
    seen: number,
    patch: Partial<BulkRow>,
  ): Promise<boolean> {
    const query = manager.createQueryBuilder().update(BulkRow).set(patch);
    const result = await query.where(`id = :id AND status = 'running' AND ${unchanged}`, { id, seen }).execute();
    return result.affected === 1;
  }
}
