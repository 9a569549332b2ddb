import { statSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { StartError } from '../common/start-error.js';

/**
 * Up to this size a start looks at the whole file. Measured: 25 ms per 100 MB that the system has in memory, and what the disk takes
 * to read it otherwise; ten gigabytes would keep every worker waiting for a minute.
 */
const maxCheckedBytes = 2_000_000_000;

/** Whether the process before this one was killed: who closes a SQLite file in order leaves its log empty ({@link emptyLog}). */
export function wasCutOff(path: string): boolean {
  return sizeOf(`${path}-wal`) > 0;
}

/** Moves the log into the file itself, which the driver does not do when it closes. While others read, the log stays. */
export async function emptyLog(source: DataSource): Promise<void> {
  await source.query('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
}

/**
 * Looks for damage, which a kill never does, but a disk, a file system or a copy of the file under a running process may have done.
 * @throws StartError `database_damaged`.
 */
export async function refuseDamaged(source: DataSource, path: string): Promise<void> {
  if (sizeOf(path) > maxCheckedBytes) return;
  const [row] = await source
    .query<{ quick_check: string }[]>('PRAGMA quick_check(1)')
    .catch((error: unknown) => [{ quick_check: error instanceof Error ? error.message : String(error) }]);
  if (row === undefined || row.quick_check === 'ok') return;
  throw new StartError(
    'database_damaged',
    `The database file ${path} is damaged: ${row.quick_check}.`,
    'Put a backup in its place, or save what can be read with `sqlite3 FILE .recover`; the disk may be failing.',
  );
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // What cannot be opened either is explained by whoever opens it.
    return 0;
  }
}
