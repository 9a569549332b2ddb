import { Injectable } from '@nestjs/common';
import type { Delivered, Executor, Status } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { isListed, listed } from '../database/table.js';
import { SettingRow } from '../settings/setting.entity.js';

/** Under which setting it is noted up to which end runs are weighed. */
const weighedUntil = 'weighed_until';

/** Where a list of runs by their end stopped. */
export interface EndPlace {
  readonly endedAt: number;
  readonly runId: string;
}

/** What decides whether the transcript and the files of a run that has ended may go. */
export interface KeptRun extends EndPlace {
  readonly taskId: string;
  readonly transcriptBytes: number;
  readonly fileBytes: number;
  readonly executor: Executor;
  readonly status: Status;
  /** When its task ended; null while that goes on, or one goes on that starts from its change. */
  readonly taskEndedAt: number | null;
  readonly changeCommit: string | null;
  /** Where the change of the task is. */
  readonly delivered: Delivered | null;
  /** A later run of the task worked on it. */
  readonly isFollowed: boolean;
}

export interface StoredTotal {
  readonly transcriptBytes: number;
  readonly fileBytes: number;
  readonly runs: number;
  readonly oldestEndedAt: number | null;
}

type Raw<Row> = {
  readonly [Key in keyof Row]: Row[Key] extends number | boolean ? number | string | boolean : unknown;
};

const chunksOf = (runId: string) =>
  `SELECT COALESCE(sum(length(c.data)), 0) FROM event_chunks c WHERE c.run_id = ${runId}`;
const filesOf = (runId: string) =>
  `SELECT COALESCE(sum(b.size), 0) FROM blobs b WHERE b.run_id = ${runId} AND b.complete`;
const isStart = `EXISTS (SELECT 1 FROM tasks u WHERE u.starts_from IS NOT NULL AND u.ended_at IS NULL
      AND u.starts_from LIKE '%"' || t.id || '"%')`;
const keptRuns = `SELECT s.run_id AS "runId", s.ended_at AS "endedAt", s.transcript_bytes AS "transcriptBytes",
    s.file_bytes AS "fileBytes", r.task_id AS "taskId", r.executor AS executor, r.status AS status,
    CASE WHEN ${isStart} THEN NULL ELSE t.ended_at END AS "taskEndedAt", t.delivered AS delivered, x.change_commit AS "changeCommit",
    EXISTS (SELECT 1 FROM runs n WHERE n.task_id = r.task_id AND n.attempt > r.attempt AND n.executor <> 'deliver')
      AS "isFollowed"
  FROM run_sizes s JOIN runs r ON r.id = s.run_id JOIN tasks t ON t.id = r.task_id
    LEFT JOIN run_results x ON x.run_id = r.id`;

/** What runs that have ended take: weighed once, some time after their end, and again where it changes. */
@Injectable()
export class RunSizesRepository {
  /** Up to which end runs are weighed. */
  async weighedUntil(manager: EntityManager): Promise<number> {
    const row = await manager.createQueryBuilder(SettingRow, 's').where({ id: weighedUntil }).getOne();
    return Number(row?.value ?? 0);
  }

  /** The runs that ended behind a place and not after a moment, in their order. */
  async ended(manager: EntityManager, after: EndPlace, until: number, limit: number): Promise<EndPlace[]> {
    const rows = await sessionOf(manager).rows<{ runId: string; endedAt: number | string }>(
      `SELECT id AS "runId", ended_at AS "endedAt" FROM runs WHERE (ended_at, id) > ($1, $2) AND ended_at <= $3
       ORDER BY ended_at, id LIMIT $4`,
      [after.endedAt, after.runId, until, limit],
    );
    return rows.map(({ runId, endedAt }) => ({ runId, endedAt: Number(endedAt) }));
  }

  /** Weighs runs that were not weighed before, and notes how far that is done. */
  async weigh(manager: EntityManager, runIds: readonly string[], until: number): Promise<void> {
    const kind = kindOf(manager);
    await sessionOf(manager).change(
      `INSERT INTO run_sizes (run_id, ended_at, transcript_bytes, file_bytes)
       SELECT r.id, r.ended_at, (${chunksOf('r.id')}), (${filesOf('r.id')}) FROM runs r WHERE ${isListed(kind, 'r.id', '$1')}
       ON CONFLICT (run_id) DO NOTHING`,
      [listed(kind, runIds)],
    );
    await manager
      .createQueryBuilder()
      .insert()
      .into(SettingRow)
      .values({ id: weighedUntil, value: String(until) })
      .orUpdate(['value'], ['id'])
      .updateEntity(false)
      .execute();
  }

  /** Has a run weighed again of which something was added or removed, when it was weighed before. */
  reweigh(manager: EntityManager, runId: string): void {
    sessionOf(manager).send(
      `UPDATE run_sizes SET transcript_bytes = (${chunksOf('$1')}), file_bytes = (${filesOf('$1')})
       WHERE run_id = $1 AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = $1 AND r.removed_at IS NOT NULL)`,
      [runId],
    );
  }

  /** Has a run weighed again whose transcript was removed up to a note. */
  reweighRemoved(manager: EntityManager, runId: string, noteSeq: number): void {
    sessionOf(manager).send(
      `UPDATE run_sizes SET transcript_bytes = (${chunksOf('$1')} AND c.first_seq < $2), file_bytes = (${filesOf('$1')})
       WHERE run_id = $1`,
      [runId, noteSeq],
    );
  }

  async total(manager: EntityManager): Promise<StoredTotal> {
    const [row] = await manager.query<Record<keyof StoredTotal, number | string | null>[]>(
      `SELECT sum(transcript_bytes) AS "transcriptBytes", sum(file_bytes) AS "fileBytes", count(*) AS runs,
         min(ended_at) AS "oldestEndedAt" FROM run_sizes WHERE transcript_bytes + file_bytes > 0`,
    );
    return {
      transcriptBytes: Number(row?.transcriptBytes ?? 0),
      fileBytes: Number(row?.fileBytes ?? 0),
      runs: Number(row?.runs ?? 0),
      oldestEndedAt: row?.oldestEndedAt == null ? null : Number(row.oldestEndedAt),
    };
  }

  /** The next runs behind a place that have anything stored and ended before a moment, those that ended first first. */
  async kept(manager: EntityManager, after: EndPlace, before: number, limit: number): Promise<KeptRun[]> {
    const rows = await sessionOf(manager).rows<Raw<KeptRun>>(
      `${keptRuns} WHERE s.transcript_bytes + s.file_bytes > 0 AND (s.ended_at, s.run_id) > ($1, $2) AND s.ended_at < $3
       ORDER BY s.ended_at, s.run_id LIMIT $4`,
      [after.endedAt, after.runId, before, limit],
    );
    return rows.map(toKept);
  }

  async find(manager: EntityManager, runId: string): Promise<KeptRun | null> {
    const [row] = await sessionOf(manager).rows<Raw<KeptRun>>(`${keptRuns} WHERE s.run_id = $1`, [runId]);
    return row === undefined ? null : toKept(row);
  }

  /** The runs of a task that were weighed. */
  async ofTask(manager: EntityManager, taskId: string): Promise<KeptRun[]> {
    const rows = await sessionOf(manager).rows<Raw<KeptRun>>(`${keptRuns} WHERE r.task_id = $1 ORDER BY r.attempt`, [
      taskId,
    ]);
    return rows.map(toKept);
  }
}

function toKept(row: Raw<KeptRun>): KeptRun {
  return {
    ...(row as KeptRun),
    endedAt: Number(row.endedAt),
    transcriptBytes: Number(row.transcriptBytes),
    fileBytes: Number(row.fileBytes),
    taskEndedAt: row.taskEndedAt === null ? null : Number(row.taskEndedAt),
    delivered: typeof row.delivered === 'string' ? (JSON.parse(row.delivered) as Delivered) : null,
    isFollowed: Boolean(row.isFollowed),
  };
}
