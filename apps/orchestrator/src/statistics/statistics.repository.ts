import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Reason, Status } from '@corch/contract';
import { kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { Table } from '../database/table.js';
import { SettingRow } from '../settings/setting.entity.js';
import type { Cell, EndedRun } from './cells.js';
import { StatisticsHourRow } from './statistics-hour.entity.js';

const hourTable = new Table(StatisticsHourRow);
/** Under which setting it is noted up to when hours are summed up. */
const summedUntil = 'statistics_until';

/** Where a page of ended runs stopped. */
export interface EndedPlace {
  readonly endedAt: number;
  readonly id: string;
}

type EndedRow = Omit<EndedRun, 'models' | 'demo' | 'isFollowed'> & {
  readonly id: string;
  readonly models: string | null;
  readonly demo: boolean | number;
  readonly isFollowed: boolean | number;
};

/** Runs that ended, and the sums of the hours that are over. */
@Injectable()
export class StatisticsRepository {
  /** The runs that ended behind a place and before a time, in their order. */
  async ended(
    manager: EntityManager,
    after: EndedPlace,
    before: number,
    limit: number,
  ): Promise<{ runs: EndedRun[]; last: EndedPlace | undefined }> {
    const models =
      kindOf(manager) === 'postgres' ? `x.result::json ->> 'models'` : `json_extract(x.result, '$.models')`;
    const rows = await sessionOf(manager).rows<EndedRow & Record<string, unknown>>(
      `SELECT r.id AS id, t.repo AS repo, r.status AS status, r.reason AS reason, r.demo AS demo, r.ended_at AS "endedAt",
         r.started_at - CASE WHEN r.ready_at <= r.started_at THEN r.ready_at ELSE r.created_at END AS "waitMs",
         r.ended_at - r.started_at AS "durationMs", x.cost_micros AS "costMicros", ${models} AS models,
         EXISTS (SELECT 1 FROM runs n WHERE n.task_id = r.task_id AND n.attempt = r.attempt + 1 AND n.trigger = 'automatic')
           AS "isFollowed"
       FROM runs r JOIN tasks t ON t.id = r.task_id LEFT JOIN run_results x ON x.run_id = r.id
       WHERE (r.ended_at, r.id) > ($1, $2) AND r.ended_at < $3 AND r.executor <> 'deliver'
       ORDER BY r.ended_at, r.id LIMIT $4`,
      [after.endedAt, after.id, before, limit],
    );
    const last = rows.at(-1);
    return {
      runs: rows.map(toEnded),
      last: rows.length < limit || last === undefined ? undefined : { endedAt: Number(last.endedAt), id: last.id },
    };
  }

  /** When the first run ended that ended at a time or later; null when none has. */
  async firstEnd(manager: EntityManager, from: number): Promise<number | null> {
    const [row] = await sessionOf(manager).rows<{ first: number | string | null }>(
      'SELECT min(r.ended_at) AS first FROM runs r WHERE r.ended_at >= $1',
      [from],
    );
    return row?.first == null ? null : Number(row.first);
  }

  /** Up to when hours are summed up; null before the first time. */
  async until(manager: EntityManager): Promise<number | null> {
    const row = await manager.createQueryBuilder(SettingRow, 's').where({ id: summedUntil }).getOne();
    return row === null ? null : Number(row.value);
  }

  /** Notes the sums of an hour, and that everything before `until` is summed up. */
  async store(manager: EntityManager, hour: number, cells: readonly Cell[], until: number): Promise<void> {
    await manager.createQueryBuilder().delete().from(StatisticsHourRow).where({ hour }).execute();
    for (const [n, cell] of cells.entries()) hourTable.insert(manager, { ...cell, n });
    await manager
      .createQueryBuilder()
      .insert()
      .into(SettingRow)
      .values({ id: summedUntil, value: String(until) })
      .orUpdate(['value'], ['id'])
      .updateEntity(false)
      .execute();
  }

  hours(manager: EntityManager, from: number): Promise<StatisticsHourRow[]> {
    return hourTable.find(manager, 'WHERE t.hour >= $1 ORDER BY t.hour', [from]);
  }

  async forget(manager: EntityManager, before: number): Promise<void> {
    const query = manager.createQueryBuilder().delete().from(StatisticsHourRow);
    await query.where('hour < :before', { before }).execute();
  }
}

function toEnded(row: EndedRow): EndedRun {
  const numberOrNull = (value: number | null) => (value === null ? null : Number(value));
  return {
    repo: row.repo,
    status: row.status satisfies Status,
    reason: row.reason satisfies Reason | null,
    demo: Boolean(row.demo),
    endedAt: Number(row.endedAt),
    waitMs: numberOrNull(row.waitMs),
    durationMs: numberOrNull(row.durationMs),
    costMicros: numberOrNull(row.costMicros),
    models: row.models === null ? {} : (JSON.parse(row.models) as EndedRun['models']),
    isFollowed: Boolean(row.isFollowed),
  };
}
