import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Table, type RawRow } from '../database/table.js';
import { RunRow } from '../runs/run.entity.js';
import type { WaitingRuns } from './wanted-workers.js';

const runTable = new Table(RunRow);
const grouped = runTable.select('r', [
  'pool',
  'executor',
  'demo',
  'requirements',
  'concurrencyKey',
  'concurrencyLimit',
]);
const waitingRuns = `SELECT ${grouped}, count(*) AS count, min(r.dispatch_key) AS first_key FROM runs r WHERE r.status = 'queued'
  GROUP BY r.pool, r.executor, r.demo, r.requirements, r.concurrency_key, r.concurrency_limit`;

type WaitingRow = Pick<
  RunRow,
  'pool' | 'executor' | 'demo' | 'requirements' | 'concurrencyKey' | 'concurrencyLimit'
> & { readonly count: number | string; readonly first_key: number | string };

/** What stands in line, counted by what a claim looks at. */
@Injectable()
export class DemandRepository {
  async waiting(manager: EntityManager): Promise<WaitingRuns[]> {
    const rows = await manager.query<RawRow<WaitingRow>[]>(waitingRuns);
    return runTable.read(rows).map(({ count, first_key, ...runs }) => ({
      ...runs,
      count: Number(count),
      firstKey: Number(first_key),
    }));
  }
}
