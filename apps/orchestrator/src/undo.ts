import { openDataFolder } from './common/data-folder.js';
import type { Logger } from './common/logger.js';
import type { Config } from './config.js';
import { undoMigrations } from './database/undo.js';
import { refuseLiving } from './instances/instance.js';

/**
 * `--undo-migrations NAME`: the database goes back to the version whose last migration NAME is, while no orchestrator uses it.
 * @throws StartError when one does, or when something else is missing that a person can mend.
 */
export async function undo({ dataDir, databaseUrl }: Config, last: string, logger: Logger): Promise<void> {
  // SQLite belongs to whoever holds the data folder.
  const folder = await openDataFolder(dataDir);
  try {
    const isSqlite = databaseUrl.startsWith('sqlite:');
    const undone = await undoMigrations(databaseUrl, last, isSqlite ? undefined : refuseLiving);
    logger.info('migrations undone', { undone, last });
  } finally {
    await folder.release();
  }
}
