import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { WorkerTokenRow } from './worker-token.entity.js';

@Injectable()
export class WorkerTokensRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  findByHash(hash: string): Promise<WorkerTokenRow | null> {
    return this.database.read.createQueryBuilder(WorkerTokenRow, 'token').where({ hash }).getOne();
  }

  /** Whether the worker has a token that works. */
  hasOne(workerId: string): Promise<boolean> {
    return this.database.read.createQueryBuilder(WorkerTokenRow, 'token').where({ workerId }).getExists();
  }

  async touch(id: string, lastUsedAt: number): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().update(WorkerTokenRow).set({ lastUsedAt }).where({ id }).execute(),
    );
  }
}
