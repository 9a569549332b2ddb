import { Injectable } from '@nestjs/common';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import { kindOf } from '../database/columns.js';
import { RepositoryRow } from './repository.entity.js';

/** Rows of registered repositories. */
@Injectable()
export class RepositoriesRepository {
  list(manager: EntityManager): Promise<RepositoryRow[]> {
    return manager.createQueryBuilder(RepositoryRow, 'r').orderBy('r.name').getMany();
  }

  findByName(manager: EntityManager, name: string): Promise<RepositoryRow | null> {
    return manager.createQueryBuilder(RepositoryRow, 'r').where({ name }).getOne();
  }

  /** As {@link findByName}, and nobody else changes it or its secrets until the transaction ends. */
  lockByName(manager: EntityManager, name: string): Promise<RepositoryRow | null> {
    const query = manager.createQueryBuilder(RepositoryRow, 'r').where({ name });
    return (kindOf(manager) === 'postgres' ? query.setLock('pessimistic_write') : query).getOne();
  }

  findByUrlHashes(manager: EntityManager, hashes: readonly string[]): Promise<RepositoryRow[]> {
    if (hashes.length === 0) return Promise.resolve([]);
    return manager.createQueryBuilder(RepositoryRow, 'r').where('r.urlHash IN (:...hashes)', { hashes }).getMany();
  }

  /** @throws a duplicate when name or address are taken. */
  async insert(manager: EntityManager, row: RepositoryRow): Promise<void> {
    await manager
      .createQueryBuilder()
      .insert()
      .into<ObjectLiteral>(RepositoryRow)
      .values(row)
      .updateEntity(false)
      .execute();
  }

  /** @throws a duplicate when the address is taken. */
  async update(manager: EntityManager, id: string, patch: Partial<RepositoryRow>): Promise<void> {
    await manager
      .createQueryBuilder()
      .update<ObjectLiteral>(RepositoryRow)
      .set({ ...patch })
      .where({ id })
      .execute();
  }

  /** Its secrets go with it. */
  async delete(manager: EntityManager, id: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(RepositoryRow).where({ id }).execute();
  }
}
