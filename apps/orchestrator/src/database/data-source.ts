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

/** One connection to a SQLite file. `synchronous=FULL`: what was answered for survives a power cut. */
export function sqliteSource(path: string): DataSource {
  return new DataSource({
    ...shared,
    type: 'better-sqlite3',
    database: path,
    driver: SqliteConnection,
    enableWAL: true,
    prepareDatabase: (connection: SqliteConnection) => {
      connection.pragma('synchronous = FULL');
      connection.pragma('busy_timeout = 5000');
    },
  });
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
  });
  teachBytes(source);
  return source;
}
