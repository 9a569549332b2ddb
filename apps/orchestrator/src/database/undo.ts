import type { EntityManager, MigrationExecutor } from 'typeorm';
import { StartError } from '../common/start-error.js';
import { migrating } from './migrate.js';
import { migrations } from './migrations/index.js';
import { openForMigrations } from './database.js';

/**
 * Takes the database back to an older version of the orchestrator: undoes every migration after `last`, the newest first, all in one
 * transaction. What only the newer version knows is gone; everything else stays.
 *
 * @param mayUndo throws when the database is in use; asked in the transaction, under the lock of those who migrate
 * @returns what was undone
 * @throws StartError `bad_config` when there is no migration `last`, and as `openDatabase`.
 */
export async function undoMigrations(
  url: string,
  last: string,
  mayUndo: (manager: EntityManager) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  if (!migrations.some(({ name }) => name === last)) throw unknownMigration(last);
  const source = await openForMigrations(url);
  try {
    return await migrating(source, async (executor, manager) => {
      const applied = await appliedNames(executor);
      if (!applied.includes(last)) throw unknownMigration(last, applied);
      const toUndo = applied.slice(applied.indexOf(last) + 1).reverse();
      if (toUndo.length > 0) await mayUndo(manager);
      for (let left = toUndo.length; left > 0; left--) await executor.undoLastMigration();
      return toUndo;
    });
  } finally {
    await source.destroy();
  }
}

/** What was applied, oldest first. */
export async function appliedNames(executor: MigrationExecutor): Promise<string[]> {
  const applied = await executor.getExecutedMigrations();
  return applied.sort((a, b) => a.timestamp - b.timestamp).map(({ name }) => name);
}

function unknownMigration(name: string, known = migrations.map((migration) => migration.name)): StartError {
  return new StartError(
    'bad_config',
    `The database has no migration ${name}.`,
    `--undo-migrations takes the last one that shall stay, of: ${known.join(', ') || 'none'}.`,
  );
}
