import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RepositoryRow } from '../repositories/repository.entity.js';
import { SecretRow } from './secret.entity.js';

/** Rows of sealed secrets. */
@Injectable()
export class SecretsRepository {
  list(manager: EntityManager, repositoryId: string): Promise<SecretRow[]> {
    return manager.createQueryBuilder(SecretRow, 's').where({ repositoryId }).orderBy('s.name').getMany();
  }

  find(manager: EntityManager, repositoryId: string, name: string): Promise<SecretRow | null> {
    return manager.createQueryBuilder(SecretRow, 's').where({ repositoryId, name }).getOne();
  }

  /** `repository/secret` of everything that was sealed with another key than `keyId`. */
  async sealedOtherwise(manager: EntityManager, keyId: string | null): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(SecretRow, 's')
      .innerJoin(RepositoryRow, 'r', 'r.id = s.repositoryId')
      .select('r.name', 'repository')
      .addSelect('s.name', 'name')
      .where('s.keyId <> :keyId', { keyId: keyId ?? '' })
      .orderBy('r.name')
      .addOrderBy('s.name')
      .getRawMany<{ repository: string; name: string }>();
    return rows.map(({ repository, name }) => `${repository}/${name}`);
  }

  async save(manager: EntityManager, row: SecretRow): Promise<void> {
    await manager
      .createQueryBuilder()
      .insert()
      .into(SecretRow)
      .values(row)
      .orUpdate(['username', 'sealed', 'key_id', 'updated_at', 'updated_by'], ['repository_id', 'name'])
      .updateEntity(false)
      .execute();
  }

  /** False when there is no such secret. */
  async delete(manager: EntityManager, repositoryId: string, name: string): Promise<boolean> {
    const result = await manager.createQueryBuilder().delete().from(SecretRow).where({ repositoryId, name }).execute();
    return result.affected === 1;
  }
}
