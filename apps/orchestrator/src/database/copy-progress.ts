// How far a copy into this database has come (`corch db copy`): one that was cut off goes on where it stopped. The table is there
// only while a copy is not complete.
import type { EntityManager } from 'typeorm';
import { StartError } from '../common/start-error.js';

/** A table that is copied. */
interface Named {
  readonly name: string;
}

/**
 * Begins a copy, or goes on with one of the same source.
 * @returns false when the database holds something that no copy of this source has brought there
 */
export async function beginCopy(manager: EntityManager, source: string, tables: readonly Named[]): Promise<boolean> {
  const begun = await begunFrom(manager);
  if (begun !== null) return begun === source;
  if (!(await isEmpty(manager, tables))) return false;
  await manager.query('CREATE TABLE corch_copy (name text PRIMARY KEY, last bigint NOT NULL)');
  await manager.query('INSERT INTO corch_copy VALUES ($1, 0)', [sourcePrefix + source]);
  // What every new database has comes from the source, too.
  await manager.query('DELETE FROM pools');
  return true;
}

/** The number of the last row of a table that was copied. */
export async function copiedUntil(manager: EntityManager, { name }: Named): Promise<number> {
  const [row] = await manager.query<{ last: string }[]>('SELECT last FROM corch_copy WHERE name = $1', [name]);
  return Number(row?.last ?? 0);
}

/** To be done in the transaction that stores the rows. */
export async function noteCopied(manager: EntityManager, { name }: Named, last: number): Promise<void> {
  const sql = 'INSERT INTO corch_copy VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET last = excluded.last';
  await manager.query(sql, [name, last]);
}

export async function endCopy(manager: EntityManager): Promise<void> {
  await manager.query('DROP TABLE corch_copy');
}

/**
 * @throws StartError `copy_unfinished` when a copy into this database was begun and never completed.
 */
export async function refuseUnfinishedCopy(manager: EntityManager): Promise<void> {
  const source = await begunFrom(manager);
  if (source === null) return;
  throw new StartError(
    'copy_unfinished',
    `The copy of ${source} into this database was never completed.`,
    `Type it again, it goes on where it stopped: corch db copy --from sqlite:${source} --to "$DATABASE_URL".`,
  );
}

const sourcePrefix = 'from ';

/** What an unfinished copy comes from, or null when there is none. */
async function begunFrom(manager: EntityManager): Promise<string | null> {
  const [table] = await manager.query<{ found: string | null }[]>(`SELECT to_regclass('corch_copy') AS found`);
  if (table?.found == null) return null;
  const rows = await manager.query<{ name: string }[]>('SELECT name FROM corch_copy');
  return rows.find(({ name }) => name.startsWith(sourcePrefix))?.name.slice(sourcePrefix.length) ?? '';
}

/** Whether a database has only what its migrations put there: the pool `default`. */
async function isEmpty(manager: EntityManager, tables: readonly Named[]): Promise<boolean> {
  for (const { name } of tables) {
    const [row] = await manager.query<{ some: string }[]>(
      `SELECT count(*) AS some FROM (SELECT 1 FROM ${name} LIMIT 2) s`,
    );
    if (Number(row?.some) > (name === 'pools' ? 1 : 0)) return false;
  }
  return true;
}
