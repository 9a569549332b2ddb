import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { sessionOf } from '../database/session.js';
import { Table } from '../database/table.js';
import { WorkerTokenRow } from './worker-token.entity.js';

const tokenTable = new Table(WorkerTokenRow);

@Injectable()
export class WorkerTokensRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findByHash(hash: string): Promise<WorkerTokenRow | null> {
    return (await tokenTable.find(this.database.read, 'WHERE t.hash = $1', [hash]))[0] ?? null;
  }

  /** Whether the worker has a token that works. */
  async hasOne(workerId: string): Promise<boolean> {
    const sql = 'SELECT 1 AS one FROM worker_tokens WHERE worker_id = $1 LIMIT 1';
    return (await sessionOf(this.database.read).rows(sql, [workerId])).length > 0;
  }

  async touch(id: string, lastUsedAt: number): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().update(WorkerTokenRow).set({ lastUsedAt }).where({ id }).execute(),
    );
  }
}
