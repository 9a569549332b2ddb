import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ViewRow } from './view.entity.js';

/** Rows of saved views. */
@Injectable()
export class ViewsRepository {
  /** Those of a key and all that are shared, by name. */
  visibleTo(manager: EntityManager, ownerId: string): Promise<ViewRow[]> {
    return manager
      .createQueryBuilder(ViewRow, 'v')
      .where('v.ownerId = :ownerId OR v.shared = :shared', { ownerId, shared: true })
      .orderBy('v.nameKey')
      .addOrderBy('v.id')
      .getMany();
  }

  find(manager: EntityManager, id: string): Promise<ViewRow | null> {
    return manager.createQueryBuilder(ViewRow, 'v').where({ id }).getOne();
  }

  countOf(manager: EntityManager, ownerId: string): Promise<number> {
    return manager.createQueryBuilder(ViewRow, 'v').where({ ownerId }).getCount();
  }

  async insert(manager: EntityManager, row: ViewRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(ViewRow).values(row).updateEntity(false).execute();
  }

  async update(manager: EntityManager, id: string, patch: Partial<ViewRow>): Promise<void> {
    await manager.createQueryBuilder().update(ViewRow).set(patch).where({ id }).execute();
  }

  async delete(manager: EntityManager, id: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(ViewRow).where({ id }).execute();
  }
}
