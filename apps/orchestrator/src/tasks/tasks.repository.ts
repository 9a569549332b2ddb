import { Injectable } from '@nestjs/common';
import type { Status } from '@corch/contract';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { containsText, kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { Table, type RawRow } from '../database/table.js';
import { narrowByIndex } from '../database/text-search.js';
import { RunResultRow, RunRow } from '../runs/run.entity.js';
import type { EndPlace } from '../runs/run-sizes.repository.js';
import type { ListCursor } from '../common/list-cursor.js';
import type { FilterSql } from './filter-sql.js';
import { pageOf, type Place } from './task-rules.js';
import { TaskRow, TaskSpecRow } from './task.entity.js';

/** Up to here a total is counted. */
export const countedTasks = 10_000;

const taskTable = new Table(TaskRow);
const specTable = new Table(TaskSpecRow);
const inFull = `SELECT ${taskTable.select('t')}, ${specTable.select('s', ['spec'])}
  FROM tasks t JOIN run_specs s ON s.task_id = t.id WHERE t.id = $1`;

/** Numbers about what ended since a moment. */
export interface Ended {
  readonly succeeded: number;
  readonly failed: number;
  readonly costMicros: number;
}

/** The end of a task: that of its last run. */
export interface EndedPlace extends EndPlace {
  readonly taskId: string;
}

/** How a task went. */
export interface EndedTask {
  readonly status: Status;
  readonly durationMs: number | null;
  readonly costMicros: number | null;
}

/** Rows of tasks and their specs. */
@Injectable()
export class TasksRepository {
  insert(manager: EntityManager, task: TaskRow, spec: TaskSpecRow): void {
    taskTable.insert(manager, task);
    specTable.insert(manager, spec);
  }

  /** A task with what was asked for. */
  async findInFull(manager: EntityManager, id: string): Promise<{ task: TaskRow; spec: TaskSpecRow['spec'] } | null> {
    const rows = await sessionOf(manager).rows<RawRow<TaskRow & Pick<TaskSpecRow, 'spec'>>>(inFull, [id]);
    const [row] = specTable.read(taskTable.read(rows));
    if (row === undefined) return null;
    const { spec, ...task } = row;
    return { task, spec };
  }

  findSpec(manager: EntityManager, taskId: string): Promise<TaskSpecRow | null> {
    return manager.createQueryBuilder(TaskSpecRow, 's').where({ taskId }).getOne();
  }

  async update(
    manager: EntityManager,
    id: string,
    patch: Partial<Pick<TaskRow, 'title' | 'labels' | 'priority' | 'updatedAt'>>,
  ): Promise<void> {
    await manager.createQueryBuilder().update(TaskRow).set(patch).where({ id }).execute();
  }

  async labelsOf(manager: EntityManager, id: string): Promise<string[]> {
    const [row] = await taskTable.find(manager, 'WHERE t.id = $1', [id]);
    return row?.labels ?? [];
  }

  async updateSearch(manager: EntityManager, taskId: string, search: string): Promise<void> {
    await manager.createQueryBuilder().update(TaskSpecRow).set({ search }).where({ taskId }).execute();
  }

  /** Deletes a task with its runs, transcripts and files. */
  async delete(manager: EntityManager, id: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(TaskRow).where({ id }).execute();
  }

  /**
   * The next tasks behind a cursor, and how many there are up to one more than {@link countedTasks}; later inserts never shift a
   * page, as it goes on by position in the order.
   */
  async list(
    manager: EntityManager,
    filter: FilterSql,
    sort: ListCursor['sort'],
    after: ListCursor | null,
    limit: number,
  ): Promise<{ rows: TaskRow[]; count: number }> {
    const page = () => this.page(manager, filter, sort, after, limit);
    if (!filter.isScattered) {
      const [rows, count] = await Promise.all([page(), this.count(manager, filter)]);
      return { rows, count };
    }
    const found = await this.found(manager, filter);
    // What so many tasks hold is met soon on the way through all of them, and to sort them all would take longer.
    if (found.length > countedTasks) return { rows: await page(), count: found.length };
    const ids = pageOf(found, sort, after, limit).map(({ id }) => id);
    const rows = new Map((await this.findMany(manager, ids)).map((row) => [row.id, row]));
    return { rows: ids.flatMap((id) => rows.get(id) ?? []), count: found.length };
  }

  /** What a filter finds, in no order. */
  private async found(manager: EntityManager, filter: FilterSql): Promise<Place[]> {
    const rows = await this.filtered(manager, filter, true)
      .select('t.id', 'id')
      .addSelect('t.createdAt', 'createdAt')
      .limit(countedTasks + 1)
      .getRawMany<{ id: string; createdAt: number | string }>();
    return rows.map(({ id, createdAt }) => ({ id, createdAt: Number(createdAt) }));
  }

  private findMany(manager: EntityManager, ids: readonly string[]): Promise<TaskRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return manager.createQueryBuilder(TaskRow, 't').where('t.id IN (:...ids)', { ids }).getMany();
  }

  /** The next tasks behind a cursor. */
  page(
    manager: EntityManager,
    filter: FilterSql,
    sort: ListCursor['sort'],
    after: ListCursor | null,
    limit: number,
  ): Promise<TaskRow[]> {
    const direction = sort === 'createdAt' ? 'ASC' : 'DESC';
    const query = this.filtered(manager, filter).orderBy('t.createdAt', direction).addOrderBy('t.id', direction);
    if (after !== null) {
      const sign = sort === 'createdAt' ? '>' : '<';
      query.andWhere(`(t.createdAt, t.id) ${sign} (:cursorAt, :cursorId)`, {
        cursorAt: after.createdAt,
        cursorId: after.id,
      });
    }
    return query.limit(limit).getMany();
  }

  /** How many tasks there are, up to one more than {@link countedTasks}. */
  async count(manager: EntityManager, filter: FilterSql): Promise<number> {
    const some = this.filtered(manager, filter, true)
      .select('t.id', 'id')
      .limit(countedTasks + 1);
    const row = await manager
      .createQueryBuilder()
      .select('count(*)', 'count')
      .from(`(${some.getQuery()})`, 'some')
      .setParameters(some.getParameters())
      .getRawOne<{ count: number | string }>();
    return Number(row?.count ?? 0);
  }

  /** As {@link count}, without an end. Only tasks that were there at a time. */
  countAll(manager: EntityManager, filter: FilterSql, until: number): Promise<number> {
    return this.until(manager, filter, until).getCount();
  }

  /** The next tasks behind a place, oldest first. Only those that were there at a time. */
  async places(
    manager: EntityManager,
    filter: FilterSql,
    until: number,
    after: Place | null,
    limit: number,
  ): Promise<Place[]> {
    const query = this.until(manager, filter, until).select('t.id', 'id').addSelect('t.createdAt', 'createdAt');
    if (after !== null) {
      query.andWhere('(t.createdAt, t.id) > (:afterAt, :afterId)', { afterAt: after.createdAt, afterId: after.id });
    }
    const rows = await query
      .orderBy('t.createdAt')
      .addOrderBy('t.id')
      .limit(limit)
      .getRawMany<{ id: string; createdAt: number | string }>();
    return rows.map(({ id, createdAt }) => ({ id, createdAt: Number(createdAt) }));
  }

  /** Whether a filter finds this task. */
  async fits(manager: EntityManager, filter: FilterSql, id: string): Promise<boolean> {
    const query = this.filtered(manager, filter).andWhere('t.id = :askedFor', { askedFor: id });
    return (await query.getCount()) > 0;
  }

  private until(manager: EntityManager, filter: FilterSql, until: number): SelectQueryBuilder<TaskRow> {
    return this.filtered(manager, filter, true).andWhere('t.createdAt <= :until', { until });
  }

  /** The newest tasks of a repository that have ended, without those of the scripted model and those that were cancelled. */
  async endedOf(manager: EntityManager, repo: string | null, limit: number): Promise<EndedTask[]> {
    const ofRepo = repo === null ? 't.repo IS NULL' : 't.repo IS NOT NULL AND lower(t.repo) = lower($2)';
    const rows = await sessionOf(manager).rows<Record<keyof EndedTask, string | number | null>>(
      `SELECT t.status AS status, w.ended_at - w.started_at AS "durationMs", t.cost_micros AS "costMicros"
       FROM tasks t JOIN runs r ON r.id = t.current_run_id JOIN runs w ON w.id = COALESCE(r.source_run_id, r.id)
       WHERE ${ofRepo} AND t.status IN ('succeeded', 'failed', 'timed_out') AND w.demo = FALSE
       ORDER BY t.created_at DESC, t.id DESC LIMIT $1`,
      [limit, ...(repo === null ? [] : [repo])],
    );
    return rows.map(({ status, durationMs, costMicros }) => ({
      status: status as Status,
      durationMs: durationMs === null ? null : Number(durationMs),
      costMicros: costMicros === null ? null : Number(costMicros),
    }));
  }

  async countByStatus(manager: EntityManager): Promise<Map<Status, number>> {
    const rows = await manager
      .createQueryBuilder(TaskRow, 't')
      .select('t.status', 'status')
      .addSelect('count(*)', 'count')
      .groupBy('t.status')
      .getRawMany<{ status: Status; count: number | string }>();
    return new Map(rows.map(({ status, count }) => [status, Number(count)]));
  }

  /** Since when the run at the end of the patience waits. */
  async oldestQueuedAt(manager: EntityManager): Promise<number | null> {
    const row = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('min(r.readyAt)', 'oldest')
      .where(`r.status = 'queued'`)
      .getRawOne<{ oldest: number | string | null }>();
    return row?.oldest == null ? null : Number(row.oldest);
  }

  /** What ended since a moment; a run that was followed by another one by itself is no failure of the task yet. */
  async endedSince(manager: EntityManager, since: number): Promise<Ended> {
    const count = (condition: string) => `sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
    const row = await manager
      .createQueryBuilder(RunRow, 'r')
      .innerJoin(TaskRow, 't', 't.id = r.taskId')
      .leftJoin(RunResultRow, 'x', 'x.runId = r.id')
      .select(count(`t.currentRunId = r.id AND r.status = 'succeeded'`), 'succeeded')
      .addSelect(count(`t.currentRunId = r.id AND r.status IN ('failed', 'timed_out')`), 'failed')
      // What ran on the scripted model was estimated like the rest, and charged to nobody.
      .addSelect('sum(CASE WHEN r.demo = :demo THEN 0 ELSE x.costMicros END)', 'costMicros')
      .where('r.endedAt >= :since', { since })
      .setParameter('demo', true)
      .getRawOne<Record<keyof Ended, number | string | null>>();
    return {
      succeeded: Number(row?.succeeded ?? 0),
      failed: Number(row?.failed ?? 0),
      costMicros: Number(row?.costMicros ?? 0),
    };
  }

  /** Tasks whose last run ended behind a place and before a moment, the oldest first. */
  async endedBefore(manager: EntityManager, after: EndPlace, before: number, limit: number): Promise<EndedPlace[]> {
    const rows = await sessionOf(manager).rows<Omit<EndedPlace, 'endedAt'> & { endedAt: number | string }>(
      `SELECT t.id AS "taskId", r.id AS "runId", r.ended_at AS "endedAt"
       FROM runs r JOIN tasks t ON t.current_run_id = r.id AND t.id = r.task_id
       WHERE (r.ended_at, r.id) > ($1, $2) AND r.ended_at < $3 ORDER BY r.ended_at, r.id LIMIT $4`,
      [after.endedAt, after.runId, before, limit],
    );
    return rows.map(({ endedAt, ...ids }) => ({ ...ids, endedAt: Number(endedAt) }));
  }

  /** The tasks of a filter. `byIndex`: what an index finds of its texts and labels, where there is one that does. */
  private filtered(manager: EntityManager, filter: FilterSql, byIndex = false): SelectQueryBuilder<TaskRow> {
    const kind = kindOf(manager);
    const query = manager.createQueryBuilder(TaskRow, 't').where('1 = 1');
    if (filter.joins.has('r')) query.innerJoin('runs', 'r', 'r.id = t.current_run_id AND r.task_id = t.id');
    for (const condition of filter.where) query.andWhere(condition);
    const isNarrowed = byIndex && isSearch(filter) && narrowByIndex(query, kind, filter);
    if (filter.joins.has('s') || (filter.texts.length > 0 && !isNarrowed)) {
      query.innerJoin('run_specs', 's', 's.task_id = t.id');
    }
    if (!isNarrowed) {
      for (const [n, text] of filter.texts.entries()) {
        query.andWhere(containsText(kind, 's.search', `text${n}`), { [`text${n}`]: text });
      }
    }
    return query.setParameters(filter.parameters);
  }
}

/** Whether an index over texts or labels may find what it asks for. */
function isSearch({ texts, labels }: FilterSql): boolean {
  return texts.length > 0 || labels.length > 0;
}
