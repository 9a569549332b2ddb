import { Injectable } from '@nestjs/common';
import type { EditPool } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { sessionOf } from '../database/session.js';
import { Table } from '../database/table.js';
import { RunRow } from '../runs/run.entity.js';
import { TaskRow } from '../tasks/task.entity.js';
import { PoolRow } from './pool.entity.js';
import { WorkerRow } from './worker.entity.js';

const workerTable = new Table(WorkerRow);
const poolTable = new Table(PoolRow);

/** A run that a worker has, as the list of workers shows it. */
export interface RunningRun {
  readonly workerId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly title: string;
  readonly startedAt: number | null;
}

/** Rows of workers and pools. */
@Injectable()
export class WorkersRepository {
  async find(manager: EntityManager, id: string): Promise<WorkerRow | null> {
    return (await workerTable.find(manager, 'WHERE t.id = $1', [id]))[0] ?? null;
  }

  /** Reads a worker and keeps others from changing it until the transaction ends. */
  async lock(manager: EntityManager, id: string): Promise<WorkerRow | null> {
    return (await workerTable.find(manager, 'WHERE t.id = $1', [id], { lock: true }))[0] ?? null;
  }

  findMany(manager: EntityManager, ids: readonly string[]): Promise<WorkerRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return manager.createQueryBuilder(WorkerRow, 'w').where('w.id IN (:...ids)', { ids }).getMany();
  }

  /** Those that have registered, by name. */
  list(manager: EntityManager): Promise<WorkerRow[]> {
    return workerTable.find(manager, 'WHERE t.registered_at IS NOT NULL ORDER BY t.name, t.id', []);
  }

  async insert(manager: EntityManager, worker: WorkerRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(WorkerRow).values(worker).updateEntity(false).execute();
  }

  /** False when there is no such worker (any more). */
  async update(manager: EntityManager, id: string, patch: Partial<Omit<WorkerRow, 'id'>>): Promise<boolean> {
    const { sql, parameters } = workerTable.update(patch, 'id = $1', [id]);
    return (await sessionOf(manager).change(sql, parameters)) === 1;
  }

  async delete(manager: EntityManager, id: string): Promise<boolean> {
    const result = await manager.createQueryBuilder().delete().from(WorkerRow).where({ id }).execute();
    return result.affected === 1;
  }

  /** The runs that workers have now. */
  async running(manager: EntityManager): Promise<RunningRun[]> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .innerJoin(TaskRow, 't', 't.id = r.taskId')
      .select('r.workerId', 'workerId')
      .addSelect('r.id', 'runId')
      .addSelect('r.taskId', 'taskId')
      .addSelect('t.title', 'title')
      .addSelect('r.startedAt', 'startedAt')
      .where(`r.status = 'running'`)
      .orderBy('r.startedAt')
      .getRawMany<RunningRun>();
    return rows.map((row) => ({ ...row, startedAt: row.startedAt === null ? null : Number(row.startedAt) }));
  }

  /** How many runs of each pool have a status. */
  async countByPool(manager: EntityManager, status: 'queued' | 'running'): Promise<Map<string, number>> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.pool', 'pool')
      .addSelect('count(*)', 'count')
      .where(`r.status = '${status}'`)
      .groupBy('r.pool')
      .getRawMany<{ pool: string; count: number | string }>();
    return new Map(rows.map(({ pool, count }) => [pool, Number(count)]));
  }

  pools(manager: EntityManager): Promise<PoolRow[]> {
    return poolTable.find(manager, 'ORDER BY t.name', []);
  }

  /** Makes the pools that do not exist yet. */
  async addPools(manager: EntityManager, names: readonly string[], now: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .insert()
      .into(PoolRow)
      .values(names.map((name) => ({ name, paused: false, concurrency: null, lostAfterCapMs: null, createdAt: now })))
      .orIgnore()
      .updateEntity(false)
      .execute();
  }

  /** False when there is no such pool. */
  async updatePool(
    manager: EntityManager,
    name: string,
    { paused, concurrency, lostAfterCapSeconds }: EditPool,
  ): Promise<boolean> {
    const patch = {
      ...(paused !== undefined && { paused }),
      ...(concurrency !== undefined && { concurrency }),
      ...(lostAfterCapSeconds !== undefined && {
        lostAfterCapMs: lostAfterCapSeconds === null ? null : lostAfterCapSeconds * 1000,
      }),
    };
    const result = await manager.createQueryBuilder().update(PoolRow).set(patch).where({ name }).execute();
    return result.affected === 1;
  }
}
