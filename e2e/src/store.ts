import { runSql } from '../../scripts/test/postgres.mjs';

/** What the orchestrator keeps everything in; `redis`: PostgreSQL with Redis. `scripts/test/stores.mjs` says when each is tested. */
export type Store = 'sqlite' | 'postgres' | 'redis';

/** The store that the faults of this process run on: TEST_STORE, SQLite by default. */
export function chosenStore(): Store {
  const name = process.env.TEST_STORE ?? 'sqlite';
  if (name === 'sqlite' || name === 'postgres' || name === 'redis') return name;
  throw new Error(`TEST_STORE is ${name}; choose sqlite, postgres or redis.`);
}

/** An empty place for an orchestrator. */
export interface StorePlace {
  readonly env: Record<string, string>;
  /** Removes it; everybody who uses it must have gone. */
  drop(): Promise<void>;
}

let made = 0;

/**
 * SQLite lies in the data folder; on PostgreSQL each place is a database of its own on the server TEST_POSTGRES_URL, and with Redis
 * its keys have a prefix of their own on the server TEST_REDIS_URL.
 */
export async function openStore(
  store: Store,
  server = process.env.TEST_POSTGRES_URL,
  redis = process.env.TEST_REDIS_URL,
): Promise<StorePlace> {
  if (store === 'sqlite') return { env: {}, drop: () => Promise.resolve() };
  if (server === undefined) {
    throw new Error('TEST_POSTGRES_URL names no PostgreSQL server; `pnpm test:faults` starts one.');
  }
  if (store === 'redis' && redis === undefined) {
    throw new Error('TEST_REDIS_URL names no Redis server; `pnpm test:faults` starts one.');
  }
  const name = `corch_faults_${process.pid}_${++made}`;
  // A role of its own without rights over others, as in production: the places that PostgreSQL reserves are not for it.
  await runSql(server, `CREATE ROLE ${name} LOGIN`);
  await runSql(server, `CREATE DATABASE ${name} OWNER ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  url.username = name;
  return {
    env: {
      DATABASE_URL: url.href,
      ...(store === 'redis' && redis !== undefined && { REDIS_URL: redis, REDIS_PREFIX: name.replaceAll('_', '-') }),
    },
    drop: async () => {
      await runSql(server, `DROP DATABASE ${name} WITH (FORCE)`);
      await runSql(server, `DROP ROLE ${name}`);
    },
  };
}
