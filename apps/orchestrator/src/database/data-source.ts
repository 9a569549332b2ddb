import type { EventEmitter } from 'node:events';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SnakeCase, teachBytes } from './columns.js';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';
import { SqliteConnection } from './sqlite-driver.js';

const shared = {
  entities,
  migrations,
  migrationsTableName: 'migrations',
  synchronize: false,
  namingStrategy: new SnakeCase(),
} satisfies Partial<DataSourceOptions>;

/** The file of a `sqlite:` address. */
export function sqlitePath(url: string): string {
  return url.replace(/^sqlite:(\/\/)?/, '');
}

const connections = new WeakMap<DataSource, SqliteConnection>();

/** The connection of an open {@link sqliteSource}. */
export function sqliteConnection(source: DataSource): SqliteConnection {
  const connection = connections.get(source);
  if (connection === undefined) throw new Error('the data source is no open SQLite file');
  return connection;
}

/** One connection to a SQLite file. `synchronous=FULL`: what was answered for survives a power cut. */
export function sqliteSource(path: string): DataSource {
  const source = new DataSource({
    ...shared,
    type: 'better-sqlite3',
    database: path,
    driver: SqliteConnection,
    enableWAL: true,
    prepareDatabase: (connection: SqliteConnection) => {
      connection.pragma('synchronous = FULL');
      connection.pragma('busy_timeout = 5000');
      connections.set(source, connection);
    },
  });
  return source;
}

/**
 * Between the pool, which hands a connection over, and TypeORM, which listens a moment later, nobody would hear that the server has
 * ended it, and an error that nobody hears ends the process. What breaks is told to whoever uses the connection next.
 */
function outliveErrors(client: EventEmitter): void {
  client.on('error', () => undefined);
}

/** A pool of connections to a PostgreSQL database. */
export function postgresSource(url: string): DataSource {
  const source = new DataSource({
    ...shared,
    type: 'postgres',
    url,
    poolSize: 10,
    applicationName: 'corch-orchestrator',
    connectTimeoutMS: 10_000,
    // No extension (uuid-ossp) is needed, and creating one may not be allowed.
    installExtensions: false,
    extra: {
      onConnect: outliveErrors,
      // Statements follow each other without a wait for the answers in between.
      pipeline: true,
      // A server that is gone without a word is noticed by the system, some day.
      keepAlive: true,
    },
  });
  teachBytes(source);
  return source;
}
