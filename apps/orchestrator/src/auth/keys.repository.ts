import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { Table } from '../database/table.js';
import { ApiKeyRow } from './api-key.entity.js';
import { SessionRow } from './session.entity.js';
import { SignInLinkRow } from './sign-in-link.entity.js';

const keyTable = new Table(ApiKeyRow);

@Injectable()
export class KeysRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** All keys, newest first. */
  list(): Promise<ApiKeyRow[]> {
    return this.database.read.createQueryBuilder(ApiKeyRow, 'key').orderBy('key.id', 'DESC').getMany();
  }

  findById(id: string): Promise<ApiKeyRow | null> {
    return this.database.read.createQueryBuilder(ApiKeyRow, 'key').where({ id }).getOne();
  }

  async findByHash(hash: string): Promise<ApiKeyRow | null> {
    return (await keyTable.find(this.database.read, 'WHERE t.hash = $1', [hash]))[0] ?? null;
  }

  async insert(row: ApiKeyRow): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(ApiKeyRow).values(row).updateEntity(false).execute(),
    );
  }

  /** Revokes a key and ends its sessions and links. False when there is no such key; a key that was revoked before stays as it is. */
  revoke(id: string, now: number): Promise<boolean> {
    return this.database.write(async (manager) => {
      if ((await manager.createQueryBuilder(ApiKeyRow, 'key').where({ id }).getOne()) === null) return false;
      await manager
        .createQueryBuilder()
        .update(ApiKeyRow)
        .set({ revokedAt: now })
        .where('id = :id AND revoked_at IS NULL', { id })
        .execute();
      await this.endWhatItOpened(manager, id);
      return true;
    });
  }

  async touch(id: string, now: number): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().update(ApiKeyRow).set({ lastUsedAt: now }).where({ id }).execute(),
    );
  }

  private async endWhatItOpened(manager: EntityManager, keyId: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(SessionRow).where({ keyId }).execute();
    await manager.createQueryBuilder().delete().from(SignInLinkRow).where({ keyId }).execute();
  }
}
