import type { EntityManager } from 'typeorm';
import { kindOf } from './columns.js';

/** Names that a transaction keeps to itself, or only keeps others from having to themselves. */
export interface NameLocks {
  readonly exclusive: readonly string[];
  readonly shared?: readonly string[];
}

/**
 * Locks names (a claim, a concurrency key, a limit) until the transaction ends. To be called once in a transaction, before it locks
 * rows: all names are taken in one order, so that two transactions never wait for each other. SQLite has one writer at a time,
 * which is lock enough.
 */
export async function lockNames(manager: EntityManager, { exclusive, shared = [] }: NameLocks): Promise<void> {
  if (kindOf(manager) !== 'postgres' || exclusive.length + shared.length === 0) return;
  const alone = new Set(exclusive);
  const beside = [...new Set(shared)].filter((name) => !alone.has(name));
  await manager.query(inOrder, [[...alone], beside]);
}

/** In the order of the hashes, since those are what is locked. */
const inOrder = `SELECT CASE WHEN alone THEN pg_advisory_xact_lock(hash) ELSE pg_advisory_xact_lock_shared(hash) END
  FROM (SELECT hashtextextended(name, 4870) AS hash, alone
    FROM (SELECT unnest($1::text[]) AS name, true AS alone UNION ALL SELECT unnest($2::text[]), false) AS names
    ORDER BY 1, 2 DESC) AS hashes`;

/** The name under which a limit that holds for everything is read and changed. */
export const allPoolsLock = 'all pools';

/** The name under which the limits of a pool are read and changed. */
export function poolLock(pool: string): string {
  return `pool:${pool}`;
}
