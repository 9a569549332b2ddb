import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Mutex } from 'async-mutex';
import type { DataSource, EntityManager } from 'typeorm';
import { StartError } from '../common/start-error.js';
import type { DatabaseKind } from './columns.js';
import { postgresSource, sqliteConnection, sqlitePath, sqliteSource } from './data-source.js';
import { refuseUnfinishedCopy } from './copy-progress.js';
import { emptyLog, refuseDamaged, wasCutOff } from './damage.js';
import { migrate } from './migrate.js';
import { Outage } from './outage.js';
import { PostgresClient } from './postgres-client.js';
import { PostgresReader } from './postgres-reader.js';
import { PostgresTransaction } from './postgres-transaction.js';
import { postgresTrouble } from './postgres-trouble.js';
import { sessionOf, setSession, type Session } from './session.js';
import { SqliteSession } from './sqlite-session.js';
import { isUndone, storeFault } from './store-faults.js';

/** Registers what shall happen once the transaction is committed, and only then: notices, wake-ups. */
export type AfterCommit = (then: () => void) => void;

/** The work of one transaction. It may be started again from the top, so it changes nothing but the database. */
export type Work<T> = (manager: EntityManager, afterCommit: AfterCommit) => Promise<T>;

const maxAttempts = 5;
/** A transaction that a broken connection cut off runs again as long as this is not over; it hides a restart of the connection pool, not one of the server. */
const repeatMs = 2_000;
/** How long a write waits for another process (a backup, a shell) that holds the lock of a SQLite file. */
const lockWaitMs = 5_000;
const lockPollMs = 50;

/**
 * The one door to the store. SQLite has one connection that writes, one transaction at a time, and one that reads, so that nobody
 * sees what is not committed; PostgreSQL has a pool.
 */
export class Database {
  private readonly mutex = new Mutex();
  private readonly writing = new AsyncLocalStorage<true>();
  /** How long writes have failed. */
  readonly outage: Outage;
  private readonly shortReads: PostgresReader | undefined;

  /** @internal Use {@link openDatabase}. */
  constructor(
    readonly kind: DatabaseKind,
    private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly monotonic: () => number,
  ) {
    this.outage = new Outage(monotonic);
    if (kind === 'sqlite') {
      setSession(writer.manager, new SqliteSession(sqliteConnection(writer)));
      setSession(reader.manager, new SqliteSession(sqliteConnection(reader)));
    } else {
      this.shortReads = new PostgresReader(() => PostgresClient.take(reader));
      setSession(reader.manager, this.shortReads);
    }
  }

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
    const startedAt = this.monotonic();
    for (let attempt = 1; ; attempt++) {
      const after: (() => void)[] = [];
      const progress = { isCommitting: false };
      try {
        const result = await this.writing.run(true, () =>
          this.transaction((manager) => work(manager, (then) => after.push(then)), progress, startedAt),
        );
        this.outage.worked();
        this.writing.exit(() => after.forEach((then) => then()));
        return result;
      } catch (error) {
        const elapsedMs = this.monotonic() - startedAt;
        if (attempt >= maxAttempts || !this.mayRepeat(error, progress.isCommitting, elapsedMs)) {
          if (storeFault(error) !== null) this.outage.failed(startedAt);
          throw error;
        }
        await delay(lockPollMs * 2 ** (attempt - 1) * Math.random());
      }
    }
  }

  /**
   * Whether nothing of a failed transaction can have been kept, so that it may simply run again. When the connection breaks while the
   * answer to COMMIT is awaited, nobody knows: that is for the caller, whose request carries its own number.
   */
  private mayRepeat(error: unknown, isCommitting: boolean, elapsedMs: number): boolean {
    if (isUndone(error)) return true;
    return this.kind === 'postgres' && !isCommitting && elapsedMs < repeatMs && storeFault(error) === 'away';
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.reader.query('SELECT 1');
  }

  /** What the clock of a PostgreSQL server says, epoch milliseconds. */
  serverTime(): Promise<number> {
    return readTime(this.reader);
  }

  /** Waits for the running transaction and closes all connections. */
  async close(): Promise<void> {
    await this.mutex.runExclusive(async () => {
      await this.shortReads?.close();
      if (this.reader !== this.writer && this.reader.isInitialized) await this.reader.destroy();
      if (!this.writer.isInitialized) return;
      if (this.kind === 'sqlite') await emptyLog(this.writer);
      await this.writer.destroy();
    });
  }

  private transaction<T>(
    work: (manager: EntityManager) => Promise<T>,
    progress: { isCommitting: boolean },
    startedAt: number,
  ): Promise<T> {
    if (this.kind === 'postgres') return this.pooledTransaction(work, progress);
    return this.mutex.runExclusive(async () => {
      const { manager } = this.writer;
      const session = sessionOf(manager);
      await this.beginAlone(session, startedAt + lockWaitMs);
      try {
        const result = await work(manager);
        session.send('COMMIT');
        return result;
      } catch (error) {
        // A full disk makes SQLite roll back by itself; that there is nothing left to undo must not hide why.
        await session.change('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  private async pooledTransaction<T>(
    work: (manager: EntityManager) => Promise<T>,
    progress: { isCommitting: boolean },
  ): Promise<T> {
    const client = await PostgresClient.take(this.writer);
    const { manager } = client.runner;
    const transaction = new PostgresTransaction(client);
    setSession(manager, transaction);
    try {
      const result = await work(manager);
      await transaction.commit({
        begins: () => void (progress.isCommitting = true),
        fails: () => void (progress.isCommitting = false),
      });
      return result;
    } catch (error) {
      // On a connection that broke there is nothing to roll back, and the server has done so.
      await transaction.rollback().catch(() => undefined);
      throw transaction.causeOf(error);
    } finally {
      await client.runner.release();
    }
  }

  /**
   * Takes the lock of the SQLite file. The driver's own wait would stop the whole process with it, so the wait is here. It ends at
   * `until` for everybody who waits in this process, or the last of many writes would be answered minutes later.
   */
  private async beginAlone(session: Session, until: number): Promise<void> {
    for (;;) {
      try {
        session.send('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (storeFault(error) !== 'away' || this.monotonic() >= until) throw error;
      }
      await delay(lockPollMs);
    }
  }
}

/**
 * Opens the database of an address (`sqlite:/path/file` or `postgres://…`) and brings it to this build's version.
 * @throws StartError `database_unreachable`, `data_not_writable`, `database_damaged` or `database_newer`.
 */
export async function openDatabase(url: string, monotonic: () => number = () => performance.now()): Promise<Database> {
  const writer = await openForMigrations(url);
  return orDestroy(writer, async () => {
    await migrate(writer);
    if (!url.startsWith('sqlite:')) {
      await refuseUnfinishedCopy(writer.manager);
      return new Database('postgres', writer, writer, monotonic);
    }
    // From here on the wait for the lock is ours.
    await writer.query('PRAGMA busy_timeout = 0');
    const path = sqlitePath(url);
    const reader = await connect(sqliteSource(path), (error) => notWritable(path, error));
    return new Database('sqlite', writer, reader, monotonic);
  });
}

/**
 * A connection to a database of whatever version; damage is found.
 * @throws StartError `database_unreachable`, `data_not_writable` or `database_damaged`.
 */
export async function openForMigrations(url: string): Promise<DataSource> {
  if (!url.startsWith('sqlite:')) return connect(postgresSource(url), unreachable);
  const path = sqlitePath(url);
  const isSuspect = wasCutOff(path);
  const source = await connect(sqliteSource(path), (error) => notWritable(path, error));
  if (isSuspect) await orDestroy(source, () => refuseDamaged(source, path));
  return source;
}

/**
 * What the clock of a PostgreSQL server says, before anything else is opened.
 * @throws StartError `database_unreachable`
 */
export async function serverTimeAt(url: string): Promise<number> {
  const source = await connect(postgresSource(url), unreachable);
  try {
    return await readTime(source);
  } finally {
    await source.destroy();
  }
}

async function readTime(source: DataSource): Promise<number> {
  const [row] = await source.query<{ ms: string }[]>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
  return Number(row?.ms);
}

async function connect(source: DataSource, explain: (error: unknown) => StartError): Promise<DataSource> {
  try {
    return await source.initialize();
  } catch (error) {
    throw explain(error);
  }
}

async function orDestroy<T>(source: DataSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

function unreachable(error: unknown): StartError {
  const { message, hint } = postgresTrouble(error);
  return new StartError('database_unreachable', message, hint, { cause: error });
}

function notWritable(path: string, error: unknown): StartError {
  return new StartError(
    'data_not_writable',
    `The database file ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`,
    'Check that the folder exists, belongs to you and has free space, or choose another with DATA_DIR.',
    { cause: error },
  );
}
