import { AsyncLocalStorage } from 'node:async_hooks';
import { Mutex } from 'async-mutex';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { StartError } from '../common/start-error.js';
import type { DatabaseKind } from './columns.js';
import { postgresSource, sqlitePath, sqliteSource } from './data-source.js';
import { migrate } from './migrate.js';

/** Registers what shall happen once the transaction is committed, and only then: notices, wake-ups. */
export type AfterCommit = (then: () => void) => void;

/** The work of one transaction. It may be started again from the top, so it changes nothing but the database. */
export type Work<T> = (manager: EntityManager, afterCommit: AfterCommit) => Promise<T>;

/** PostgreSQL: serialization failure, deadlock. The transaction was rolled back and may simply run again. */
const repeatable = new Set(['40001', '40P01']);
const maxAttempts = 5;

/**
 * The one door to the store. SQLite has one connection that writes, one transaction at a time, and one that reads, so that nobody
 * sees what is not committed; PostgreSQL has a pool.
 */
export class Database {
  private readonly mutex = new Mutex();
  private readonly writing = new AsyncLocalStorage<true>();

  /** @internal Use {@link openDatabase}. */
  constructor(
    readonly kind: DatabaseKind,
    private readonly writer: DataSource,
    private readonly reader: DataSource,
  ) {}

  /** Reads committed rows, each statement by itself. */
  get read(): EntityManager {
    // As many transactions as the pool has connections, each waiting for one more, would all wait for each other.
    if (this.writing.getStore()) throw new Error('read was used inside write(); use the manager that was handed over');
    return this.reader.manager;
  }

  /**
   * Runs `work` in one transaction: all of it is kept, or nothing. Inside, use only the manager that is handed over.
   * @throws whatever `work` throws, after rolling back.
   */
  async write<T>(work: Work<T>): Promise<T> {
    // A write inside a write would wait for itself forever.
    if (this.writing.getStore()) throw new Error('write() was called inside write(); hand the manager on instead');
    for (let attempt = 1; ; attempt++) {
      const after: (() => void)[] = [];
      try {
        const result = await this.writing.run(true, () =>
          this.transaction((manager) => work(manager, (then) => after.push(then))),
        );
        this.writing.exit(() => after.forEach((then) => then()));
        return result;
      } catch (error) {
        if (attempt >= maxAttempts || !isRepeatable(error)) throw error;
      }
    }
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.reader.query('SELECT 1');
  }

  /** Waits for the running transaction and closes all connections. */
  async close(): Promise<void> {
    await this.mutex.runExclusive(async () => {
      if (this.reader !== this.writer && this.reader.isInitialized) await this.reader.destroy();
      if (this.writer.isInitialized) await this.writer.destroy();
    });
  }

  private transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.kind === 'postgres') return this.writer.transaction('READ COMMITTED', work);
    return this.mutex.runExclusive(async () => {
      const { manager } = this.writer;
      await manager.query('BEGIN IMMEDIATE');
      try {
        const result = await work(manager);
        await manager.query('COMMIT');
        return result;
      } catch (error) {
        await manager.query('ROLLBACK');
        throw error;
      }
    });
  }
}

function isRepeatable(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { code?: unknown };
  return typeof code === 'string' && repeatable.has(code);
}

/**
 * Opens the database of an address (`sqlite:/path/file` or `postgres://…`) and brings it to this build's version.
 * @throws StartError `database_unreachable`, `data_not_writable` or `database_newer`.
 */
export async function openDatabase(url: string): Promise<Database> {
  if (!url.startsWith('sqlite:')) {
    const source = await connect(postgresSource(url), unreachable);
    await orDestroy([source], () => migrate(source));
    return new Database('postgres', source, source);
  }
  const path = sqlitePath(url);
  const writer = await connect(sqliteSource(path), (error) => notWritable(path, error));
  await orDestroy([writer], () => migrate(writer));
  const reader = await connect(sqliteSource(path), (error) => notWritable(path, error));
  return new Database('sqlite', writer, reader);
}

async function connect(source: DataSource, explain: (error: unknown) => StartError): Promise<DataSource> {
  try {
    return await source.initialize();
  } catch (error) {
    throw explain(error);
  }
}

async function orDestroy(sources: DataSource[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const source of sources) await source.destroy();
    throw error;
  }
}

function unreachable(error: unknown): StartError {
  return new StartError(
    'database_unreachable',
    `The PostgreSQL database does not answer: ${error instanceof Error ? error.message : String(error)}.`,
    'Check DATABASE_URL and that the server runs.',
    { cause: error },
  );
}

function notWritable(path: string, error: unknown): StartError {
  return new StartError(
    'data_not_writable',
    `The database file ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`,
    'Check that the folder exists, belongs to you and has free space, or choose another with DATA_DIR.',
    { cause: error },
  );
}
