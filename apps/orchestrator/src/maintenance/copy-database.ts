import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { StartError } from '../common/start-error.js';
import { beginCopy, copiedUntil, endCopy, noteCopied } from '../database/copy-progress.js';
import { sqlitePath } from '../database/data-source.js';
import { openForMigrations } from '../database/database.js';
import { migrate, migrating } from '../database/migrate.js';
import { migrations } from '../database/migrations/index.js';
import { appliedNames } from '../database/undo.js';
import { refuseLiving } from '../instances/instance.js';
import { copiedTables, type CopiedTable } from './copied-tables.js';
import { Digest } from './digest.js';
import { insertion, readPostgres, readSqlite } from './read-tables.js';

/** What one table came to. */
export interface CopiedRows {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

/**
 * Copies a SQLite database into an empty PostgreSQL database, then reads both and compares counts and checksums of every table. When it
 * is cut off, the same call goes on. No orchestrator may use either meanwhile.
 * @throws StartError `bad_config`, `orchestrator_running`, `database_not_empty`, `copy_differs`, and as `openDatabase`.
 */
export async function copyDatabase(
  from: string,
  to: string,
  say: (text: string) => void = () => undefined,
): Promise<CopiedRows[]> {
  const path = resolve(sqlitePath(from));
  // Opened, it would be made.
  if (!existsSync(path)) {
    throw new StartError('bad_config', `There is no database at ${path}.`, 'Name its data folder, or the file.');
  }
  const source = await openForMigrations(from);
  try {
    await demandCurrent(source, from);
    const target = await openForMigrations(to);
    // Until the end nobody writes to what is copied.
    await source.query('BEGIN IMMEDIATE');
    try {
      await migrate(target);
      return await copy(source, target, path, say);
    } finally {
      await target.destroy();
      await source.query('ROLLBACK');
    }
  } finally {
    await source.destroy();
  }
}

async function copy(
  source: DataSource,
  target: DataSource,
  path: string,
  say: (text: string) => void,
): Promise<CopiedRows[]> {
  const tables = copiedTables(source);
  const mayCopy = await target.transaction(async (manager) => {
    await refuseLiving(manager);
    return beginCopy(manager, path, tables);
  });
  if (!mayCopy) {
    throw new StartError(
      'database_not_empty',
      'The PostgreSQL database holds something already, and nothing was copied.',
      'Make a new one for the copy: createdb NAME. Nothing that is there is ever written over.',
    );
  }
  for (const table of tables) {
    say(`Copying ${table.name} …`);
    for await (const rows of readSqlite(source, table, await copiedUntil(target.manager, table))) {
      await target.transaction(async (manager) => {
        const { sql, parameters } = insertion(table, rows);
        await manager.query(sql, parameters);
        await noteCopied(manager, table, rows.at(-1)?._n ?? 0);
      });
    }
  }
  say('Comparing …');
  const copied: CopiedRows[] = [];
  for (const table of tables) copied.push(await compare(source, target, table));
  await endCopy(target.manager);
  return copied;
}

async function compare(source: DataSource, target: DataSource, table: CopiedTable): Promise<CopiedRows> {
  const ours = new Digest(table);
  for await (const rows of readSqlite(source, table, 0)) for (const row of rows) ours.add(row);
  const theirs = new Digest(table);
  const runner = target.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    for await (const rows of readPostgres(runner, table)) for (const row of rows) theirs.add(row);
    await runner.commitTransaction();
  } finally {
    await runner.release();
  }
  const [here, there] = [ours.result, theirs.result];
  if (here.rows === there.rows && here.checksum === there.checksum) return { table: table.name, ...here };
  throw new StartError(
    'copy_differs',
    `The table ${table.name} has ${here.rows} rows (${here.checksum}) in SQLite and ${there.rows} (${there.checksum}) in PostgreSQL.`,
    'Somebody has written to one of them meanwhile. Stop every orchestrator, make the PostgreSQL database anew and copy again.',
  );
}

/** Only what this build's own tables say can be copied. */
async function demandCurrent(source: DataSource, from: string): Promise<void> {
  const last = migrations.at(-1)?.name;
  const applied = await migrating(source, appliedNames);
  if (last !== undefined && applied.includes(last)) return;
  throw new StartError(
    'bad_config',
    `${from} is no database of this version of the orchestrator.`,
    'Start this version with it once, which brings it up to date, stop it, and copy again.',
  );
}
