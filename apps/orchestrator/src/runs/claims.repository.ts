import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { kindOf } from '../database/columns.js';
import { RunRow } from './run.entity.js';

/** The part of a queued run that decides who takes it. */
export type Candidate = Pick<
  RunRow,
  'id' | 'pool' | 'executor' | 'demo' | 'requirements' | 'concurrencyKey' | 'concurrencyLimit' | 'dispatchKey'
>;

const columns = (
  ['id', 'pool', 'executor', 'demo', 'requirements', 'concurrencyKey', 'concurrencyLimit', 'dispatchKey'] as const
).map((name) => `r.${name}`);

/** The limit of the run's concurrency key is not reached; counted from what runs, never from a counter that could drift. */
const keyHasRoom = `(r.concurrencyKey IS NULL OR r.concurrencyLimit > (
  SELECT count(*) FROM runs live WHERE live.status = 'running' AND live.concurrency_key = r.concurrencyKey))`;

/** Which part of the line to look at. */
export interface Look {
  readonly pool: string;
  /** `claude`: only those; `demo`: of those only what runs without a login; `command`: only those. */
  readonly kinds: readonly ('claude' | 'demo' | 'command')[];
  readonly now: number;
  readonly offset: number;
  readonly limit: number;
}

const kindConditions = {
  claude: `r.executor = 'claude'`,
  demo: `(r.executor = 'claude' AND r.demo = :yes)`,
  command: `r.executor = 'command'`,
} as const;

/** What claims read: the head of the line of a pool, and how many runs of a key there are. */
@Injectable()
export class ClaimsRepository {
  /** The next runs of a pool in the order of claims, without those that wait for room under their key. */
  candidates(manager: EntityManager, look: Look): Promise<Candidate[]> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .select(columns)
      .where(`r.status = 'queued' AND r.pool = :pool AND r.readyAt <= :now`, look)
      .andWhere(`(${look.kinds.map((kind) => kindConditions[kind]).join(' OR ')})`, { yes: true })
      .andWhere(keyHasRoom)
      .orderBy('r.dispatchKey')
      .addOrderBy('r.id')
      .offset(look.offset)
      .limit(look.limit)
      .getMany();
  }

  /** The ids of the first runs in line of a pool, whether or not they could be claimed now. */
  async line(manager: EntityManager, pool: string, limit: number): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.id', 'id')
      .where(`r.status = 'queued' AND r.pool = :pool`, { pool })
      .orderBy('r.dispatchKey')
      .addOrderBy('r.id')
      .limit(limit)
      .getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
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

  /**
   * Keeps other claims away from these names (a claim id, concurrency keys) until the transaction ends. Always in the same order,
   * so that two claims never wait for each other.
   */
  async lockNames(manager: EntityManager, names: readonly string[]): Promise<void> {
    if (kindOf(manager) !== 'postgres') return;
    for (const name of [...new Set(names)].sort()) {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4870))', [name]);
    }
  }
}
