import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartError } from '../common/start-error.js';
import { refuseDamaged } from '../database/damage.js';
import { sqliteSource } from '../database/data-source.js';
import { migrating } from '../database/migrate.js';

/**
 * Writes a SQLite database into a file, as it is at one moment. An orchestrator may use it meanwhile.
 * @returns its size in bytes
 * @throws StartError `bad_config` when there is no database, or the file is there already.
 */
export async function backUp(path: string, file: string): Promise<number> {
  if (!existsSync(path)) throw missing(`There is no database at ${path}.`, 'Name its data folder.');
  refuseExisting(file);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  const source = await sqliteSource(path).initialize();
  try {
    await source.query('VACUUM INTO ?', [partial]);
  } finally {
    await source.destroy();
  }
  await chmod(partial, 0o600);
  await examine(partial);
  const size = await flush(partial);
  await rename(partial, file);
  return size;
}

/**
 * Puts a backup in the place of a SQLite database; what was there is kept beside it. No orchestrator may use it: the caller holds the
 * data folder.
 * @returns where the old database is now, or null when there was none
 * @throws StartError `bad_config`, `database_damaged` or `database_newer`; then nothing was changed.
 */
export async function restore(file: string, path: string, now: Date): Promise<string | null> {
  if (!existsSync(file)) throw missing(`There is no file ${file}.`, 'Name a backup that `corch db backup` wrote.');
  const next = `${path}.restoring`;
  await removeDatabase(next);
  await copyFile(file, next);
  await chmod(next, 0o600);
  // Of a copy that somebody made by hand: what had not reached the file itself yet.
  if (existsSync(`${file}-wal`)) await copyFile(`${file}-wal`, `${next}-wal`);
  await examine(next);
  await flush(next);
  const kept = existsSync(path) ? `${path}.before-${now.toISOString().replaceAll(/[:.]/g, '-')}` : null;
  // The log belongs to the file that it lies beside.
  for (const end of ['', '-wal', '-shm']) {
    if (kept !== null && existsSync(path + end)) await rename(path + end, kept + end);
  }
  // What lies beside a file that is not there belongs to none, and would be taken for the log of this one.
  await removeDatabase(path);
  await rename(next, path);
  return kept;
}

/** Proves that a file is a whole database that this version can read. */
async function examine(file: string): Promise<void> {
  const source = await sqliteSource(file)
    .initialize()
    .catch((error: unknown) => {
      throw missing(`${file} is no backup: ${error instanceof Error ? error.message : String(error)}.`);
    });
  try {
    await refuseDamaged(source, file);
    const applied = await migrating(source, (executor) => executor.getExecutedMigrations());
    if (applied.length === 0) throw missing(`${file} is no database of an orchestrator.`);
  } finally {
    // Everything belongs into the one file, which is moved without a log.
    await source.query('PRAGMA journal_mode = DELETE').catch(() => undefined);
    await source.destroy();
  }
}

async function flush(file: string): Promise<number> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal']) await rm(path + end, { force: true });
}

function refuseExisting(file: string): void {
  if (existsSync(file))
    throw missing(`${file} is there already.`, 'Name a file that does not exist; no backup is written over.');
}

function missing(message: string, hint = 'Name a backup that `corch db backup` wrote.'): StartError {
  return new StartError('bad_config', message, hint);
}
