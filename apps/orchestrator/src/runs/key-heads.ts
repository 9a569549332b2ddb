// Which runs the concurrency keys of a pool have next, without reading the line of any key to its end.
import type { EntityManager } from 'typeorm';
import { kindOf } from '../database/columns.js';

/** Keys that are looked at from one point on; with more of them in line, each claim sees another part. */
const seenKeys = 50;
/** Keys that are passed over since they have no room: no more can run at once on any fleet. */
const steps = 1000;
/** Runs of each key: as many as a worker usually takes at once. */
const perKey = 8;

/**
 * The ids of the next runs of each key of the pool that has room. When there are more keys than can be looked at, of the first in
 * the order of their names and of those behind the key that was served last, so that in the end everybody comes up.
 */
export async function nextRunsOfKeys(manager: EntityManager, pool: string): Promise<string[]> {
  const first = await heads(manager, pool, fromStart);
  if (new Set(first.map(({ key }) => key)).size < seenKeys) return first.map(({ id }) => id);
  const others = await heads(manager, pool, behindLast);
  return [...new Set([...first, ...others].map(({ id }) => id))];
}

const fromStart = `''`;
const behindLast = `coalesce((SELECT t.concurrency_key FROM key_turns t WHERE t.pool = :pool ORDER BY t.served_at DESC LIMIT 1), '')`;

interface Head {
  readonly id: string;
  readonly key: string;
}

function heads(manager: EntityManager, pool: string, after: string): Promise<Head[]> {
  return manager
    .createQueryBuilder()
    .select('h.id', 'id')
    .addSelect('h.name', 'key')
    .from(`(${headsSql(kindOf(manager) === 'postgres', after)})`, 'h')
    .setParameters({ pool })
    .getRawMany<Head>();
}

/** Goes from key to key by the index `runs_by_turn`, one descent each, however long their lines are. */
function headsSql(isPostgres: boolean, after: string): string {
  const inPool = `r.status = 'queued' AND r.pool = :pool`;
  const nextKey = (than: string) =>
    `(SELECT min(r.concurrency_key) FROM runs r WHERE ${inPool} AND r.concurrency_key > ${than})`;
  const next = `SELECT r.id FROM runs r WHERE ${inPool} AND r.concurrency_key = k.name
    ORDER BY r.turn_key, r.id LIMIT ${perKey}`;
  const limit = `(SELECT r.concurrency_limit FROM runs r WHERE ${inPool} AND r.concurrency_key = k.name
    ORDER BY r.turn_key, r.id LIMIT 1)`;
  const running = `(SELECT count(*) FROM runs r WHERE r.status = 'running' AND r.concurrency_key = k.name)`;
  return `WITH RECURSIVE found(name, step) AS (
      SELECT ${nextKey(after)}, 1
      UNION ALL
      SELECT ${nextKey('found.name')}, found.step + 1 FROM found WHERE found.name IS NOT NULL AND found.step < ${steps}
    ), k AS (
      SELECT k.name FROM found k WHERE k.name IS NOT NULL AND ${limit} > ${running} LIMIT ${seenKeys}
    )
    SELECT n.id, k.name FROM k ${isPostgres ? `JOIN LATERAL (${next}) n ON true` : `JOIN runs n ON n.id IN (${next})`}`;
}
