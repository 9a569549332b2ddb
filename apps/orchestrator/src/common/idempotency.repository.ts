import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { IdempotencyKeyRow } from './idempotency-key.entity.js';

@Injectable()
export class IdempotencyRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Stores a new row, unless there is one already: in both cases returns what is stored. An expired row counts as none. */
  insertOrFind(row: Omit<IdempotencyKeyRow, 'status' | 'body'>, now: number): Promise<IdempotencyKeyRow> {
    return this.database.write(async (manager) => {
      await manager
        .createQueryBuilder()
        .delete()
        .from(IdempotencyKeyRow)
        .where('id = :id AND expires_at <= :now', { id: row.id, now })
        .execute();
      await manager
        .createQueryBuilder()
        .insert()
        .into(IdempotencyKeyRow)
        .values(row)
        .orIgnore()
        .updateEntity(false)
        .execute();
      return manager.createQueryBuilder(IdempotencyKeyRow, 'key').where({ id: row.id }).getOneOrFail();
    });
  }

  /** Gives the place of `from` to `to`. False when somebody else was faster. */
  takeOver(id: string, from: string, to: string, heldUntil: number): Promise<boolean> {
    return this.database.write((manager) => this.update(manager, id, from, { holder: to, heldUntil }));
  }

  commit(manager: EntityManager, id: string, holder: string, resourceId: string): Promise<boolean> {
    return this.update(manager, id, holder, { resourceId });
  }

  /** Keeps the answer for repeats. */
  complete(id: string, holder: string, status: number, body: unknown): Promise<boolean> {
    return this.database.write((manager) => this.update(manager, id, holder, { status, body }));
  }

  /** Lets the next request with this key work: from the start, or from what is stored. */
  async release(id: string, holder: string): Promise<void> {
    await this.database.write(async (manager) => {
      const mine = { id, holder };
      await manager
        .createQueryBuilder()
        .delete()
        .from(IdempotencyKeyRow)
        .where('id = :id AND holder = :holder AND resource_id IS NULL', mine)
        .execute();
      await this.update(manager, id, holder, { heldUntil: 0 });
    });
  }

  private async update(
    manager: EntityManager,
    id: string,
    holder: string,
    set: Partial<IdempotencyKeyRow>,
  ): Promise<boolean> {
    const updated = await manager
      .createQueryBuilder()
      .update(IdempotencyKeyRow)
      .set(set as object)
      .where('id = :id AND holder = :holder AND status IS NULL', { id, holder })
      .execute();
    return updated.affected === 1;
  }
}
