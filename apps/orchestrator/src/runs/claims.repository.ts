import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { kindOf } from '../database/columns.js';
import { sessionOf } from '../database/session.js';
import { isListed, listed, Table, type RawRow } from '../database/table.js';
import { settingIds } from '../settings/settings.repository.js';
import { PoolRow } from '../workers/pool.entity.js';
import { inTurn, type Swap } from './claim-order.js';
import { KeyTurnRow } from './key-turn.entity.js';
import { nextRunsOfKeys } from './key-heads.js';
import { RunRow } from './run.entity.js';

/** The part of a queued run that decides who takes it. */
export type Candidate = Pick<
  RunRow,
  | 'id'
  | 'pool'
  | 'executor'
  | 'demo'
  | 'requirements'
  | 'concurrencyKey'
  | 'concurrencyLimit'
  | 'turnKey'
  | 'dispatchKey'
  | 'readyAt'
  | 'preferredWorkerId'
  | 'preferredUntil'
>;

const properties = [
  'id',
  'pool',
  'executor',
  'demo',
  'requirements',
  'concurrencyKey',
  'concurrencyLimit',
  'turnKey',
  'dispatchKey',
  'readyAt',
  'preferredWorkerId',
  'preferredUntil',
] as const;
const columns = properties.map((name) => `r.${name}`);

const runTable = new Table(RunRow);
const poolTable = new Table(PoolRow);
const candidateColumns = runTable.select('r', properties);
const maxRunning = `(SELECT s.value FROM settings s WHERE s.id = '${settingIds.maxRunning}') AS max_running`;
const allLimits = `SELECT ${poolTable.select('p')}, ${maxRunning} FROM pools p ORDER BY p.name`;

/** What a worker may be able to take, or not. */
export type Kind = 'claude' | 'demo' | 'command' | 'deliver';

/** Which part of the line to look at. */
export interface Look {
  readonly pool: string;
  /** `demo`: of `claude` only what runs without a login. */
  readonly kinds: readonly Kind[];
  /** Leaves out what has a concurrency key. */
  readonly withoutKeys: boolean;
  readonly offset: number;
  readonly limit: number;
}

const kindConditions = {
  claude: `r.executor = 'claude'`,
  demo: `(r.executor = 'claude' AND r.demo = true)`,
  command: `r.executor = 'command'`,
  deliver: `r.executor = 'deliver'`,
} as const;

/** What limits claims beside workers and keys. */
export interface Limits {
  readonly pools: readonly PoolRow[];
  /** The most runs at once over all pools; null: no limit. */
  readonly maxRunning: number | null;
}

/** What claims read: the head of the line of a pool, limits, and whose turn it is. */
@Injectable()
export class ClaimsRepository {
  /** The next runs of a pool by age and priority. What is in line is ready, whatever the clock says: it may have been set back. */
  async candidates(manager: EntityManager, look: Look): Promise<Candidate[]> {
    const kinds = look.kinds.map((kind) => kindConditions[kind]).join(' OR ');
    // The same order for what has no key, in the words of an index that holds it in one piece.
    const [among, order] = look.withoutKeys
      ? ['AND r.concurrency_key IS NULL', 'r.concurrency_key, r.turn_key, r.id']
      : ['', 'r.dispatch_key, r.id'];
    const sql = `SELECT ${candidateColumns} FROM runs r
      WHERE r.status = 'queued' AND r.pool = $1 AND (${kinds}) ${among} ORDER BY ${order} LIMIT $2 OFFSET $3`;
    const rows = await sessionOf(manager).rows<RawRow<Candidate>>(sql, [look.pool, look.limit, look.offset]);
    return runTable.read(rows);
  }

  /** The next runs of the concurrency keys of a pool that have room; of each key a few, and of many keys not all. */
  async headsOfKeys(manager: EntityManager, pool: string): Promise<Candidate[]> {
    const ids = await nextRunsOfKeys(manager, pool);
    if (ids.length === 0) return [];
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select(columns)
      .where(`r.status = 'queued' AND r.id IN (:...ids)`, { ids })
      .getMany();
  }

  /** The first runs in line of a pool by age and priority, whether or not they could be claimed now. */
  line(manager: EntityManager, pool: string, limit: number): Promise<Candidate[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select(columns)
      .where(`r.status = 'queued' AND r.pool = :pool`, { pool })
      .orderBy('r.dispatchKey')
      .addOrderBy('r.id')
      .limit(limit)
      .getMany();
  }

  /** As {@link line}, with the turns that concurrency keys will have. */
  async inOrder(manager: EntityManager, pool: string, limit: number): Promise<Candidate[]> {
    const line = await this.line(manager, pool, limit);
    if (line.every(({ concurrencyKey }) => concurrencyKey === null)) return line;
    const heads = await this.headsOfKeys(manager, pool);
    const runs = [...new Map([...line, ...heads].map((run) => [run.id, run])).values()];
    const keys = [...new Set(runs.flatMap(({ concurrencyKey }) => concurrencyKey ?? []))];
    return inTurn(runs, await this.servedAt(manager, pool, keys), limit).map(({ run }) => run);
  }

  /**
   * How many runs of its pool are ahead of a run in line by age and priority, counted up to `limit`. `byTurn`: concurrency keys stand
   * in line, so it may go sooner or later, by turns that {@link inOrder} works out.
   */
  async ahead(
    manager: EntityManager,
    { id, pool, dispatchKey }: Pick<RunRow, 'id' | 'pool' | 'dispatchKey'>,
    limit: number,
  ): Promise<{ ahead: number; byTurn: boolean }> {
    const inLine = `r.status = 'queued' AND r.pool = $1`;
    const [row] = await sessionOf(manager).rows<{ ahead: number | string; keyed: boolean | number }>(
      `SELECT count(*) AS ahead, EXISTS (SELECT 1 FROM runs r WHERE ${inLine} AND r.concurrency_key IS NOT NULL) AS keyed
       FROM (SELECT 1 AS one FROM runs r WHERE ${inLine} AND (r.dispatch_key, r.id) < ($2, $3) LIMIT $4) AS before`,
      [pool, dispatchKey, id, limit],
    );
    return { ahead: Number(row?.ahead ?? 0), byTurn: Boolean(row?.keyed) };
  }

  /** All limits, in one statement. */
  async limits(manager: EntityManager): Promise<Limits> {
    const rows = await sessionOf(manager).rows<RawRow<PoolRow & { max_running: string | null }>>(allLimits);
    return { pools: poolTable.read(rows), maxRunning: numberOrNull(rows[0]?.max_running) };
  }

  /** How many runs of each key are running. */
  async runningByKey(manager: EntityManager, keys: readonly string[]): Promise<Map<string, number>> {
    if (keys.length === 0) return new Map();
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.concurrencyKey', 'key')
      .addSelect('count(*)', 'count')
      .where(`r.status = 'running' AND r.concurrencyKey IN (:...keys)`, { keys })
      .groupBy('r.concurrencyKey')
      .getRawMany<{ key: string; count: number | string }>();
    return new Map(rows.map(({ key, count }) => [key, Number(count)]));
  }

  /** When each key was served last by the pool, as far as that matters. */
  async servedAt(manager: EntityManager, pool: string, keys: readonly string[]): Promise<Map<string, number>> {
    if (keys.length === 0) return new Map();
    const rows = await manager
      .createQueryBuilder(KeyTurnRow, 'k')
      .where('k.pool = :pool AND k.concurrencyKey IN (:...keys)', { pool, keys })
      .getMany();
    return new Map(rows.map(({ concurrencyKey, servedAt }) => [concurrencyKey, servedAt]));
  }

  /** Notes that the keys were served, in this order, and so go behind all others of the pool. Their locks are held. */
  async serve(manager: EntityManager, pool: string, keys: readonly string[], now: number): Promise<void> {
    if (keys.length === 0) return;
    const last = await manager
      .createQueryBuilder(KeyTurnRow, 'k')
      .select('max(k.servedAt)', 'at')
      .where('k.pool = :pool', { pool })
      .getRawOne<{ at: number | string | null }>();
    const from = Math.max(now, Number(last?.at ?? 0) + 1);
    const rows = keys.map((concurrencyKey, index) => ({ pool, concurrencyKey, servedAt: from + index }));
    await manager
      .createQueryBuilder()
      .insert()
      .into(KeyTurnRow)
      .values(rows)
      .orUpdate(['served_at'], ['pool', 'concurrency_key'])
      .updateEntity(false)
      .execute();
  }

  /** Gives a run that is still in line another place. */
  async swapPlace(manager: EntityManager, { id, dispatchKey }: Swap): Promise<void> {
    const query = manager
      .createQueryBuilder(RunRow, 'r')
      .select(['r.id'])
      .where(`r.status = 'queued' AND r.id = :id`, { id });
    // Whoever is about to take it takes its place with it.
    if (kindOf(manager) === 'postgres') query.setLock('for_no_key_update').setOnLocked('skip_locked');
    if ((await query.getOne()) === null) return;
    await manager.createQueryBuilder().update(RunRow).set({ dispatchKey }).where({ id }).execute();
  }

  /** Forgets turns of before a moment: a key that was served so long ago counts as never served. */
  async pruneTurns(manager: EntityManager, before: number): Promise<void> {
    await manager.createQueryBuilder().delete().from(KeyTurnRow).where('served_at < :before', { before }).execute();
  }

  /**
   * The runs, locked, in the order of `ids`, at most `limit`, that are still queued and that nobody else is about to take; with the
   * limits that hold now.
   */
  async lockQueued(
    manager: EntityManager,
    ids: readonly string[],
    limit: number,
  ): Promise<{ run: RunRow; pool: Pick<PoolRow, 'paused' | 'concurrency'>; maxRunning: number | null }[]> {
    const kind = kindOf(manager);
    const inOrder = kind === 'postgres' ? 'array_position($1::text[], r.id)' : 'instr($1, r.id)';
    // In PostgreSQL this lets others insert events that refer to the row, but not change it.
    const lock = kind === 'postgres' ? 'FOR NO KEY UPDATE OF r SKIP LOCKED' : '';
    const sql = `SELECT ${runTable.select('r')}, p.paused AS pool_paused, p.concurrency AS pool_concurrency, ${maxRunning}
      FROM runs r JOIN pools p ON p.name = r.pool
      WHERE r.status = 'queued' AND ${isListed(kind, 'r.id', '$1')} ORDER BY ${inOrder} LIMIT $2 ${lock}`;
    const rows = await sessionOf(manager).rows<RawRow<RunRow & RawLimits>>(sql, [listed(kind, ids), limit]);
    return runTable.read(rows).map(({ pool_paused, pool_concurrency, max_running, ...run }) => ({
      run,
      pool: { paused: Boolean(pool_paused), concurrency: numberOrNull(pool_concurrency) },
      maxRunning: numberOrNull(max_running),
    }));
  }
}

interface RawLimits {
  readonly pool_paused: boolean | number;
  readonly pool_concurrency: number | null;
  readonly max_running: string | null;
}

function numberOrNull(value: string | number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
