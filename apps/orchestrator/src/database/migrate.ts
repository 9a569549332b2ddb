import { MigrationExecutor, type DataSource, type EntityManager } from 'typeorm';
import { StartError } from '../common/start-error.js';
import { migrations } from './migrations/index.js';

/** The number of the transaction-scoped advisory lock that one migrating orchestrator holds. */
const migrationLock = 4870_0001;

/**
 * Brings the database to this build's version: all pending migrations in one transaction, one orchestrator at a time.
 * @throws StartError `database_newer` when a migration was applied that this build does not know.
 */
export function migrate(source: DataSource): Promise<void> {
  return migrating(source, async (executor) => void (await executor.executePendingMigrations()));
}

/**
 * Changes tables in one transaction, one orchestrator at a time.
 * @throws StartError `database_newer`, before `work`.
 */
export async function migrating<T>(
  source: DataSource,
  work: (executor: MigrationExecutor, manager: EntityManager) => Promise<T>,
): Promise<T> {
  const runner = source.createQueryRunner();
  const isSqlite = source.options.type !== 'postgres';
  // SQLite changes a table by copying it and dropping the old one; with foreign keys on, that would delete what belongs to it.
  // The switch does nothing inside a transaction.
  if (isSqlite) await runner.query('PRAGMA foreign_keys = OFF');
  try {
    await runner.query(isSqlite ? 'BEGIN IMMEDIATE' : 'BEGIN');
    try {
      if (!isSqlite) await runner.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
      const executor = new MigrationExecutor(source, runner);
      executor.transaction = 'none';
      await refuseNewer(executor);
      const result = await work(executor, runner.manager);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      // Why it failed matters, not that nothing is left to undo.
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    if (isSqlite) await runner.query('PRAGMA foreign_keys = ON');
    await runner.release();
  }
}

async function refuseNewer(executor: MigrationExecutor): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = (await executor.getExecutedMigrations()).find((migration) => !known.has(migration.name));
  if (unknown === undefined) return;
  throw new StartError(
    'database_newer',
    `The database was changed by a newer version of the orchestrator (migration ${unknown.name}), which this version cannot read.`,
    'Start the newer version, or use another data folder or DATABASE_URL. ' +
      `To come back to this version, let the newer one undo its changes first: \`--undo-migrations ${migrations.at(-1)?.name}\`.`,
  );
}
