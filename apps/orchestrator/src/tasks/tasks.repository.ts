import { Injectable } from '@nestjs/common';
import type { Status, TaskQuery } from '@corch/contract';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { containsText, kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { Table, type RawRow } from '../database/table.js';
import { narrowByIndex } from '../database/text-search.js';
import { RunResultRow, RunRow } from '../runs/run.entity.js';
import type { ListCursor } from '../common/list-cursor.js';
import { pageOf, type Place } from './task-rules.js';
import { TaskRow, TaskSpecRow } from './task.entity.js';

/** Which tasks, without the page. */
export type TaskFilter = Pick<TaskQuery, 'status' | 'pool' | 'label' | 'q' | 'createdAfter' | 'createdBefore'>;

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
    filter: TaskFilter,
    sort: ListCursor['sort'],
    after: ListCursor | null,
    limit: number,
  ): Promise<{ rows: TaskRow[]; count: number }> {
    const page = () => this.page(manager, filter, sort, after, limit);
    if (filter.q === undefined && filter.label === undefined) {
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

  /** What a filter by text or labels finds, in no order. */
  private async found(manager: EntityManager, filter: TaskFilter): Promise<Place[]> {
    const kind = kindOf(manager);
    const { q, label, ...others } = filter;
    const terms = { text: q?.toLowerCase(), labels: (label ?? []).map((one) => JSON.stringify(one)) };
    // The index of SQLite does not tell the case of labels.
    const query = this.filtered(manager, { ...others, ...(kind === 'sqlite' && { label }) });
    const all = narrowByIndex(query, kind, terms) ? query : this.filtered(manager, filter);
    const rows = await all
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

  private page(
    manager: EntityManager,
    filter: TaskFilter,
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

  private async count(manager: EntityManager, filter: TaskFilter): Promise<number> {
    const some = this.filtered(manager, filter)
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

  /** Tasks whose last run ended before a moment, the oldest first. */
  async endedBefore(manager: EntityManager, before: number, limit: number): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .innerJoin(TaskRow, 't', 't.currentRunId = r.id AND t.id = r.taskId')
      .select('t.id', 'id')
      .where('r.endedAt < :before', { before })
      .orderBy('r.endedAt')
      .limit(limit)
      .getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  private filtered(manager: EntityManager, filter: TaskFilter): SelectQueryBuilder<TaskRow> {
    const kind = kindOf(manager);
    const query = manager.createQueryBuilder(TaskRow, 't').where('1 = 1');
    if (filter.status !== undefined) query.andWhere('t.status IN (:...statuses)', { statuses: filter.status });
    if (filter.pool !== undefined) query.andWhere('t.pool IN (:...pools)', { pools: filter.pool });
    if (filter.createdAfter !== undefined) {
      query.andWhere('t.createdAt > :createdAfter', { createdAfter: Date.parse(filter.createdAfter) });
    }
    if (filter.createdBefore !== undefined) {
      query.andWhere('t.createdAt < :createdBefore', { createdBefore: Date.parse(filter.createdBefore) });
    }
    filter.label?.forEach((label, index) => {
      // Labels are stored as JSON and hold no character that JSON escapes.
      query.andWhere(containsText(kind, 't.labels', `label${index}`), { [`label${index}`]: JSON.stringify(label) });
    });
    if (filter.q !== undefined) {
      query
        .innerJoin(TaskSpecRow, 's', 's.taskId = t.id')
        .andWhere(containsText(kind, 's.search', 'text'), { text: filter.q.toLowerCase() });
    }
    return query;
  }
}
