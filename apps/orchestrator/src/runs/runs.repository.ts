import { announcedColumns, type AnnouncedRun } from './announcement.js';
import { Injectable } from '@nestjs/common';
import type { RunSpec, StartsFrom, Status } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { ApprovalRow } from '../approvals/approval.entity.js';
import { kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { isListed, listed, Table, type RawRow } from '../database/table.js';
import { TaskRow, TaskSpecRow } from '../tasks/task.entity.js';
import { BlobRow } from './blob.entity.js';
import { ClaimRow, RunResultRow, RunRow } from './run.entity.js';

/** What may be written without moving a run; status, reason and epoch belong to `run-status.ts`. */
export type RunPatch = Partial<Omit<RunRow, 'id' | 'taskId' | 'status' | 'reason' | 'leaseEpoch'>>;

/** What a worker is told about a task. */
export interface TaskSpec {
  readonly title: string;
  readonly spec: RunSpec;
  readonly startsFrom: StartsFrom | null;
}

/** A run as its branch leads to it, with what says whether a task can start from its change. */
export interface BranchRun
  extends
    Pick<RunRow, 'id' | 'taskId' | 'status' | 'baseCommit'>,
    Pick<TaskRow, 'repository' | 'repositoryName' | 'delivered' | 'startsFrom'> {
  readonly changeCommit: string | null;
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
  | 'deliveryMode'
  | 'deliveryBranch'
  | 'deliveryWording'
>;

/** The part of a result that lists show. */
export type ResultBrief = Omit<RunResultRow, 'result' | 'checks' | 'delivered'>;

/** Numbers of running runs, by the name of what they run in, on and for. */
export interface Running {
  readonly byPool: ReadonlyMap<string, number>;
  readonly byWorker: ReadonlyMap<string, number>;
  readonly byKey: ReadonlyMap<string, number>;
}

const runTable = new Table(RunRow);
const resultTable = new Table(RunResultRow);
const noteMade = `UPDATE tasks SET cost_micros = COALESCE(cost_micros + $3, cost_micros, $3), changed_files = $4, changed_lines = $5
  WHERE id = $1 AND current_run_id = $2`;
const claimTable = new Table(ClaimRow);
const taskTable = new Table(TaskRow);
const specTable = new Table(TaskSpecRow);
const specs = `SELECT ${specTable.select('s', ['taskId', 'spec'])}, ${taskTable.select('t', ['title', 'startsFrom'])}
  FROM run_specs s JOIN tasks t ON t.id = s.task_id`;
/** Newest first. A conversation goes on on its branch, so there may be many. */
const onBranch = `SELECT ${runTable.select('r', ['id', 'taskId', 'status', 'baseCommit'])},
  ${taskTable.select('t', ['repository', 'repositoryName', 'delivered', 'startsFrom'])}, x.change_commit AS "changeCommit"
  FROM runs r JOIN tasks t ON t.id = r.task_id LEFT JOIN run_results x ON x.run_id = r.id
  WHERE r.branch = $1 AND r.executor <> 'deliver' ORDER BY r.id DESC LIMIT 100`;
const briefColumns = ['x.runId', 'x.exit', 'x.costMicros', 'x.files', 'x.additions', 'x.deletions', 'x.changeCommit'];

const announced = announcedColumns.map((name) => `r.${name}`);

/** Rows of runs and their results. Conditions on `status` are literals, as SQLite uses partial indexes only then. */
@Injectable()
export class RunsRepository {
  async find(manager: EntityManager, id: string): Promise<RunRow | null> {
    return only(await runTable.find(manager, 'WHERE t.id = $1', [id]));
  }

  /** The current run of a task. */
  async findCurrent(manager: EntityManager, taskId: string): Promise<RunRow | null> {
    return only(await runTable.find(manager, `WHERE t.id = (${currentOf('$1')})`, [taskId]));
  }

  /** The result of the current run of a task. */
  async currentResult(manager: EntityManager, taskId: string): Promise<RunResultRow | null> {
    return only(await resultTable.find(manager, `WHERE t.run_id = (${currentOf('$1')})`, [taskId]));
  }

  /** Reads a run and keeps others from changing it until the transaction ends. */
  async lock(manager: EntityManager, id: string): Promise<RunRow | null> {
    return only(await runTable.find(manager, 'WHERE t.id = $1', [id], { lock: true }));
  }

  findMany(manager: EntityManager, ids: readonly string[]): Promise<RunRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    const kind = kindOf(manager);
    return runTable.find(manager, `WHERE ${isListed(kind, 't.id', '$1')}`, [listed(kind, ids)]);
  }

  ofTask(manager: EntityManager, taskId: string): Promise<RunRow[]> {
    return manager.createQueryBuilder(RunRow, 'r').where({ taskId }).orderBy('r.attempt').getMany();
  }

  /** Has a run changed that the transaction has locked. */
  update(manager: EntityManager, id: string, patch: RunPatch): void {
    const { sql, parameters } = runTable.update(patch, 'id = $1', [id]);
    sessionOf(manager).send(sql, parameters);
  }

  /** Stores the result of a run and notes on its task what it cost and changed. */
  insertResult(manager: EntityManager, taskId: string, result: RunResultRow): void {
    resultTable.insert(manager, result);
    const { runId, costMicros, files, additions, deletions } = result;
    const lines = additions === null || deletions === null ? null : additions + deletions;
    sessionOf(manager).send(noteMade, [taskId, runId, costMicros, files, lines]);
  }

  results(manager: EntityManager, runIds: readonly string[]): Promise<RunResultRow[]> {
    if (runIds.length === 0) return Promise.resolve([]);
    const kind = kindOf(manager);
    return resultTable.find(manager, `WHERE ${isListed(kind, 't.run_id', '$1')}`, [listed(kind, runIds)]);
  }

  /** As {@link results} without the final texts, which may be long. */
  resultBriefs(manager: EntityManager, runIds: readonly string[]): Promise<ResultBrief[]> {
    if (runIds.length === 0) return Promise.resolve([]);
    return manager
      .createQueryBuilder(RunResultRow, 'x')
      .select(briefColumns)
      .where('x.runId IN (:...runIds)', { runIds })
      .getMany();
  }

  /** Of sessions those in which something was asked whose decision Claude has not got. */
  async asking(manager: EntityManager, sessionIds: readonly string[]): Promise<Set<string>> {
    if (sessionIds.length === 0) return new Set();
    const rows = await manager
      .createQueryBuilder(ApprovalRow, 'a')
      .select('a.sessionId', 'sessionId')
      .distinct()
      .where(`a.sessionId IN (:...sessionIds) AND a.appliedAt IS NULL AND a.status <> 'expired'`, { sessionIds })
      .getRawMany<{ sessionId: string }>();
    return new Set(rows.map(({ sessionId }) => sessionId));
  }

  /** Scheduled runs, and runs parked at a usage limit, whose time has come. Asked by every claim, so it is one short statement. */
  dueUntil(manager: EntityManager, now: number, limit: number): Promise<{ id: string }[]> {
    const due = (waits: string) =>
      `SELECT * FROM (SELECT id FROM runs WHERE ${waits} AND ready_at <= $1 ORDER BY ready_at LIMIT ${limit}) AS d`;
    return sessionOf(manager).rows<{ id: string }>(
      `${due(`status = 'scheduled'`)} UNION ALL ${due(`status = 'waiting' AND reason = 'usage_limit'`)}`,
      [now],
    );
  }

  /** Runs that wait for a message, and whose time for it is over. */
  unanswered(manager: EntityManager, now: number, limit: number): Promise<Pick<RunRow, 'id'>[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.id')
      .where(`r.status = 'waiting' AND r.reason = 'input' AND r.readyAt <= :now`, { now })
      .limit(limit)
      .getMany();
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
    const rows = await sessionOf(manager).rows<{
      pool: string;
      worker: string | null;
      key: string | null;
      count: number | string;
    }>(
      `SELECT pool, worker_id AS worker, concurrency_key AS key, count(*) AS count
       FROM runs WHERE status = 'running' GROUP BY pool, worker_id, concurrency_key`,
    );
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

  /** How many runs have each status. */
  async countByStatus(manager: EntityManager): Promise<Map<Status, number>> {
    const rows = await manager.query<{ status: Status; count: number | string }[]>(
      'SELECT status, count(*) AS count FROM runs GROUP BY status',
    );
    return new Map(rows.map(({ status, count }) => [status, Number(count)]));
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

  /** The runs that work, or worked, on a branch, newest first. */
  async onBranch(manager: EntityManager, branch: string): Promise<BranchRun[]> {
    return taskTable.read(await sessionOf(manager).rows<RawRow<BranchRun>>(onBranch, [branch]));
  }

  /** What workers are told of tasks, by their id. */
  async specs(manager: EntityManager, taskIds: readonly string[]): Promise<Map<string, TaskSpec>> {
    if (taskIds.length === 0) return new Map();
    const kind = kindOf(manager);
    const rows = await sessionOf(manager).rows<RawRow<TaskSpec & Pick<TaskSpecRow, 'taskId'>>>(
      `${specs} WHERE ${isListed(kind, 's.task_id', '$1')}`,
      [listed(kind, taskIds)],
    );
    return new Map(
      specTable
        .read(taskTable.read(rows))
        .map(({ taskId, title, spec, startsFrom }) => [taskId, { title, spec, startsFrom }]),
    );
  }

  async currentRunId(manager: EntityManager, taskId: string): Promise<string | null> {
    const rows = await sessionOf(manager).rows<{ id: string }>(`${currentOf('$1')}`, [taskId]);
    return only(rows)?.id ?? null;
  }

  /** Whether a file of this name is kept with a run. */
  async hasFile(manager: EntityManager, runId: string, name: string): Promise<boolean> {
    const query = manager.createQueryBuilder(BlobRow, 'b').where({ runId, name, complete: true });
    return (await query.getCount()) > 0;
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

  /** Writes where the change of a task goes, or is. */
  async updateDelivery(
    manager: EntityManager,
    taskId: string,
    delivery: Partial<Pick<TaskRow, 'deliveryBranch' | 'deliveryWording' | 'delivered'>>,
  ): Promise<void> {
    await manager.createQueryBuilder().update(TaskRow).set(delivery).where({ id: taskId }).execute();
  }

  /** Where the change of each task is and begins, and how it is to be worded, by its id. */
  async delivered(
    manager: EntityManager,
    taskIds: readonly string[],
  ): Promise<Map<string, Pick<TaskRow, 'delivered' | 'deliveryWording' | 'startsFrom'>>> {
    if (taskIds.length === 0) return new Map();
    const rows = await manager
      .createQueryBuilder(TaskRow, 't')
      .select(['t.id', 't.delivered', 't.deliveryWording', 't.startsFrom'])
      .where('t.id IN (:...taskIds)', { taskIds })
      .getMany();
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** What the next run of a task is made from. */
  async runnableTask(manager: EntityManager, taskId: string): Promise<RunnableTask> {
    const task = await manager.createQueryBuilder(TaskRow, 't').where({ id: taskId }).getOne();
    if (task === null) throw new Error(`the task ${taskId} of a run is missing`);
    return task;
  }

  async findClaim(manager: EntityManager, id: string): Promise<ClaimRow | null> {
    return only(await claimTable.find(manager, 'WHERE t.id = $1', [id]));
  }

  /** The transaction ends with a duplicate when the claim is there already, after waiting for one that is about to store it. */
  insertClaim(manager: EntityManager, claim: ClaimRow): void {
    claimTable.insert(manager, claim);
  }

  async pruneClaims(manager: EntityManager, before: number): Promise<void> {
    await manager.createQueryBuilder().delete().from(ClaimRow).where('created_at < :before', { before }).execute();
  }
}

function currentOf(taskId: string): string {
  return `SELECT c.current_run_id AS id FROM tasks c WHERE c.id = ${taskId}`;
}

function only<Row>([row]: readonly Row[]): Row | null {
  return row ?? null;
}
