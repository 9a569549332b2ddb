import { announcedColumns, type AnnouncedRun } from './announcement.js';
import { Injectable } from '@nestjs/common';
import type { RunSpec } from '@corch/contract';
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { kindOf } from '../database/columns.js';
import { TaskRow, TaskSpecRow } from '../tasks/task.entity.js';
import { ClaimRow, RunResultRow, RunRow } from './run.entity.js';

/** What may be written without moving a run; status, reason and epoch belong to `run-status.ts`. */
export type RunPatch = Partial<Omit<RunRow, 'id' | 'taskId' | 'status' | 'reason' | 'leaseEpoch'>>;

/** What a worker is told about a task. */
export interface TaskSpec {
  readonly title: string;
  readonly spec: RunSpec;
}

/** The part of a task that its runs are made from. */
export type RunnableTask = Pick<
  TaskRow,
  | 'id'
  | 'title'
  | 'pool'
  | 'executor'
  | 'demo'
  | 'repository'
  | 'requirements'
  | 'priority'
  | 'concurrencyKey'
  | 'concurrencyLimit'
  | 'retries'
  | 'backoff'
>;

/** The part of a result that lists show. */
export type ResultBrief = Omit<RunResultRow, 'result'>;

/** Numbers of running runs, by the name of what they run in, on and for. */
export interface Running {
  readonly byPool: ReadonlyMap<string, number>;
  readonly byWorker: ReadonlyMap<string, number>;
  readonly byKey: ReadonlyMap<string, number>;
}

const announced = announcedColumns.map((name) => `r.${name}`);

/** Rows of runs and their results. Conditions on `status` are literals, as SQLite uses partial indexes only then. */
@Injectable()
export class RunsRepository {
  find(manager: EntityManager, id: string): Promise<RunRow | null> {
    return manager.createQueryBuilder(RunRow, 'r').where({ id }).getOne();
  }

  /** Reads a run and keeps others from changing it until the transaction ends. */
  lock(manager: EntityManager, id: string): Promise<RunRow | null> {
    return this.locked(manager.createQueryBuilder(RunRow, 'r').where({ id }), manager).getOne();
  }

  findMany(manager: EntityManager, ids: readonly string[]): Promise<RunRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return manager.createQueryBuilder(RunRow, 'r').where('r.id IN (:...ids)', { ids }).getMany();
  }

  ofTask(manager: EntityManager, taskId: string): Promise<RunRow[]> {
    return manager.createQueryBuilder(RunRow, 'r').where({ taskId }).orderBy('r.attempt').getMany();
  }

  async update(manager: EntityManager, id: string, patch: RunPatch): Promise<void> {
    await manager.createQueryBuilder().update(RunRow).set(patch).where({ id }).execute();
  }

  async insertResult(manager: EntityManager, result: RunResultRow): Promise<void> {
    // The recursive JSON type inside is too deep for the mapped types of TypeORM.
    const values: ObjectLiteral = result;
    await manager
      .createQueryBuilder()
      .insert()
      .into<ObjectLiteral>(RunResultRow)
      .values(values)
      .updateEntity(false)
      .execute();
  }

  results(manager: EntityManager, runIds: readonly string[]): Promise<RunResultRow[]> {
    if (runIds.length === 0) return Promise.resolve([]);
    return manager.createQueryBuilder(RunResultRow, 'x').where('x.runId IN (:...runIds)', { runIds }).getMany();
  }

  /** As {@link results} without the final texts, which may be long. */
  resultBriefs(manager: EntityManager, runIds: readonly string[]): Promise<ResultBrief[]> {
    if (runIds.length === 0) return Promise.resolve([]);
    return manager
      .createQueryBuilder(RunResultRow, 'x')
      .select(['x.runId', 'x.exit', 'x.costMicros', 'x.files', 'x.additions', 'x.deletions'])
      .where('x.runId IN (:...runIds)', { runIds })
      .getMany();
  }

  /** What all runs of each task cost together, where anything is known. */
  async costOfTasks(manager: EntityManager, taskIds: readonly string[]): Promise<Map<string, number>> {
    if (taskIds.length === 0) return new Map();
    const rows = await manager
      .createQueryBuilder(RunResultRow, 'x')
      .innerJoin(RunRow, 'r', 'r.id = x.runId')
      .select('r.taskId', 'taskId')
      .addSelect('sum(x.costMicros)', 'micros')
      .where('r.taskId IN (:...taskIds) AND x.costMicros IS NOT NULL', { taskIds })
      .groupBy('r.taskId')
      .getRawMany<{ taskId: string; micros: number | string }>();
    return new Map(rows.map(({ taskId, micros }) => [taskId, Number(micros)]));
  }

  /** Scheduled runs, and runs parked at a usage limit, whose time has come. Asked by every claim, so it is one short statement. */
  dueUntil(manager: EntityManager, now: number, limit: number): Promise<{ id: string }[]> {
    const due = (waits: string, mark: string) =>
      `SELECT * FROM (SELECT id FROM runs WHERE ${waits} AND ready_at <= ${mark} ORDER BY ready_at LIMIT ${limit}) AS d`;
    const [first, second] = kindOf(manager) === 'postgres' ? ['$1', '$2'] : ['?', '?'];
    return manager.query<{ id: string }[]>(
      `${due(`status = 'scheduled'`, first)} UNION ALL ${due(`status = 'waiting' AND reason = 'usage_limit'`, second)}`,
      [now, now],
    );
  }

  private soonest(manager: EntityManager, condition: string, limit: number) {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select(announced)
      .where(condition)
      .orderBy('r.readyAt')
      .limit(limit)
      .getMany();
  }

  /** Running under a lease that has expired, longest silent first. */
  expired(manager: EntityManager, now: number, limit: number): Promise<RunRow[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .where(`r.status = 'running' AND r.leaseExpiresAt <= :now`, { now })
      .orderBy('r.leaseExpiresAt')
      .limit(limit)
      .getMany();
  }

  /** Claimed before `before`, and no worker has shown since that it has the run. */
  unacknowledged(manager: EntityManager, before: number): Promise<RunRow[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .where(`r.status = 'running' AND r.acknowledged = :no AND r.claimedAt <= :before`, { no: false, before })
      .getMany();
  }

  /** The running runs of a worker, of which cancel was asked for. */
  toCancel(manager: EntityManager, workerId: string): Promise<RunRow[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .where(`r.status = 'running' AND r.workerId = :workerId AND r.cancelRequestedAt IS NOT NULL`, { workerId })
      .getMany();
  }

  /** The runs that a worker has, in the order in which everybody locks several. */
  runningOn(manager: EntityManager, workerId: string): Promise<Pick<RunRow, 'id'>[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.id')
      .where(`r.status = 'running' AND r.workerId = :workerId`, { workerId })
      .orderBy('r.id')
      .getMany();
  }

  /** How many runs are running, in one statement. */
  async running(manager: EntityManager): Promise<Running> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.pool', 'pool')
      .addSelect('r.workerId', 'worker')
      .addSelect('r.concurrencyKey', 'key')
      .addSelect('count(*)', 'count')
      .where(`r.status = 'running'`)
      .groupBy('r.pool')
      .addGroupBy('r.workerId')
      .addGroupBy('r.concurrencyKey')
      .getRawMany<{ pool: string; worker: string | null; key: string | null; count: number | string }>();
    const sums = {
      byPool: new Map<string, number>(),
      byWorker: new Map<string, number>(),
      byKey: new Map<string, number>(),
    };
    const add = (to: Map<string, number>, name: string | null, count: number) =>
      void (name !== null && to.set(name, (to.get(name) ?? 0) + count));
    for (const { pool, worker, key, count } of rows) {
      add(sums.byPool, pool, Number(count));
      add(sums.byWorker, worker, Number(count));
      add(sums.byKey, key, Number(count));
    }
    return sums;
  }

  /** The pools that have runs in line. */
  async poolsInLine(manager: EntityManager): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('DISTINCT r.pool', 'pool')
      .where(`r.status = 'queued'`)
      .getRawMany<{ pool: string }>();
    return rows.map(({ pool }) => pool);
  }

  /** The next queued, scheduled and parked runs of every pool, for announcing them again. */
  async heads(manager: EntityManager, perPool: number): Promise<AnnouncedRun[]> {
    const pools = await this.poolsInLine(manager);
    const heads = await Promise.all(
      pools.map((pool) =>
        manager
          .createQueryBuilder(RunRow, 'r')
          .select(announced)
          .where(`r.status = 'queued' AND r.pool = :pool`, { pool })
          .orderBy('r.dispatchKey')
          .limit(perPool)
          .getMany(),
      ),
    );
    const scheduled = await this.soonest(manager, `r.status = 'scheduled'`, perPool);
    const parked = await this.soonest(manager, `r.status = 'waiting' AND r.reason = 'usage_limit'`, perPool);
    return [...heads.flat(), ...scheduled, ...parked];
  }

  /** Tasks whose status is not that of their current run: none, unless something is broken. */
  async strayTasks(manager: EntityManager, limit: number): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(TaskRow, 't')
      .innerJoin(RunRow, 'r', 'r.id = t.currentRunId')
      .select('t.id', 'id')
      .where('r.status <> t.status')
      .limit(limit)
      .getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  /** Gives every live lease a new window and starts the wait for signs of life again. */
  async refreshLeases(manager: EntityManager, now: number, leaseMs: number): Promise<number> {
    const result = await manager
      .createQueryBuilder()
      .update(RunRow)
      .set({ leaseExpiresAt: now + leaseMs, countedUntil: now, claimedAt: now })
      .where(`status = 'running'`)
      .execute();
    return result.affected ?? 0;
  }

  /** Title and spec of tasks, by their id. */
  async specs(manager: EntityManager, taskIds: readonly string[]): Promise<Map<string, TaskSpec>> {
    if (taskIds.length === 0) return new Map();
    const { entities, raw } = await manager
      .createQueryBuilder(TaskSpecRow, 's')
      .innerJoin(TaskRow, 't', 't.id = s.taskId')
      .select(['s.taskId', 's.spec'])
      .addSelect('t.title', 'title')
      .where('s.taskId IN (:...taskIds)', { taskIds })
      .getRawAndEntities<{ title: string }>();
    return new Map(entities.map(({ taskId, spec }, index) => [taskId, { title: raw[index]?.title ?? '', spec }]));
  }

  async currentRunId(manager: EntityManager, taskId: string): Promise<string | null> {
    const task = await manager
      .createQueryBuilder(TaskRow, 't')
      .select(['t.id', 't.currentRunId'])
      .where({ id: taskId })
      .getOne();
    return task?.currentRunId ?? null;
  }

  /** The address of a task's repository; null when it has none, or one by its path. */
  async repositoryUrl(manager: EntityManager, taskId: string): Promise<string | null> {
    const task = await manager
      .createQueryBuilder(TaskRow, 't')
      .select(['t.id', 't.repository'])
      .where({ id: taskId })
      .getOne();
    const repository = task?.repository ?? null;
    return repository !== null && 'url' in repository ? repository.url : null;
  }

  /** What the next run of a task is made from. */
  async runnableTask(manager: EntityManager, taskId: string): Promise<RunnableTask> {
    const task = await manager.createQueryBuilder(TaskRow, 't').where({ id: taskId }).getOne();
    if (task === null) throw new Error(`the task ${taskId} of a run is missing`);
    return task;
  }

  findClaim(manager: EntityManager, id: string): Promise<ClaimRow | null> {
    return manager.createQueryBuilder(ClaimRow, 'c').where({ id }).getOne();
  }

  /** Throws a duplicate when the claim is there already, after waiting for a transaction that is about to store it. */
  async insertClaim(manager: EntityManager, claim: ClaimRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(ClaimRow).values(claim).updateEntity(false).execute();
  }

  async pruneClaims(manager: EntityManager, before: number): Promise<void> {
    await manager.createQueryBuilder().delete().from(ClaimRow).where('created_at < :before', { before }).execute();
  }

  private locked(query: SelectQueryBuilder<RunRow>, manager: EntityManager): SelectQueryBuilder<RunRow> {
    // SQLite has one writer at a time; there is nothing to lock against. In PostgreSQL this lets others insert events that refer
    // to the row, but not change it.
    return kindOf(manager) === 'postgres' ? query.setLock('for_no_key_update') : query;
  }
}
