import { Stack } from '@corch/e2e/stack';
import { openStore, type Store } from '@corch/e2e/store';
import type { Place } from './load/plan.js';
import { startPostgres } from '../../scripts/test/postgres.mjs';
import { startRedis } from '../../scripts/test/redis.mjs';

/** A PostgreSQL and a Redis server of this run alone. */
export interface Servers {
  readonly postgres: string;
  readonly redis: string;
  stop(): Promise<void>;
}

/** What is committed must be on the disk, as in production; the tests' servers leave that out. */
const durable = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: '128MB' };

export async function startServers(): Promise<Servers> {
  const postgres = await startPostgres(durable);
  const redis = await startRedis();
  return {
    postgres: postgres.url,
    redis: redis.url,
    async stop() {
      await redis.stop();
      await postgres.stop();
    },
  };
}

/** An orchestrator without workers on an empty database of a mode, with the clocks of production. */
export async function startOrchestrator(
  servers: Pick<Servers, 'postgres' | 'redis'>,
  mode: Store,
  nodeArgs: readonly string[] = [],
): Promise<{ stack: Stack; place: Place; database: string | undefined; stop(): Promise<void> }> {
  const store = await openStore(mode, servers.postgres, servers.redis);
  // The load comes from one address and one key.
  const stack = new Stack({ profile: { RATE_LIMIT_PER_MINUTE: '10000000' }, env: store.env, workers: 0, nodeArgs });
  await stack.start();
  return {
    stack,
    /** The address of its PostgreSQL database. */
    database: store.env.DATABASE_URL,
    place: { url: stack.url, token: stack.adminKey },
    async stop() {
      await stack.stop();
      await store.drop();
    },
  };
}
