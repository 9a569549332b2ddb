// The whole orchestrator on every store that it is run on, so that what holds on one machine holds on many.
import { describe, it } from '@jest/globals';
import type { DatabaseKind } from '../database/columns.js';
import { describeOnEachEngine } from './databases.js';
import { openDomain, type Domain } from './domain.js';
import { newPrefix } from './redis-server.js';

type Variables = Record<string, string>;

export interface TestStore {
  /** `redis`: PostgreSQL with Redis. */
  readonly name: 'sqlite' | 'postgres' | 'redis';
  readonly kind: DatabaseKind;
  /** What orchestrators that are to share it are told beside the address of the database; of a part of Redis that is empty. */
  env(): Variables;
  /** Opens an empty one; the test closes it. With Redis it is two orchestrators: people talk to the first, workers to the second. */
  open(env?: Variables): Promise<Domain>;
}

/**
 * Describes `cases` once per store. What is skipped without TEST_POSTGRES_URL and TEST_REDIS_URL is named, and with CI=true that is a
 * failure.
 */
export function describeOnEachStore(name: string, cases: (store: TestStore) => void): void {
  describeOnEachEngine(name, (kind) =>
    cases({ name: kind, kind, env: () => ({}), open: (env) => openDomain(kind, env) }),
  );
  describe(`${name} (redis)`, () => {
    const server = process.env['TEST_REDIS_URL'];
    if (server !== undefined && process.env['TEST_POSTGRES_URL'] !== undefined) {
      const env = () => ({ REDIS_URL: server, REDIS_PREFIX: newPrefix() });
      return cases({ name: 'redis', kind: 'postgres', env, open: (own) => openPair({ ...own, ...env() }) });
    }
    if (process.env['CI'] !== 'true') return it.skip('skipped: TEST_REDIS_URL names no Redis server', () => undefined);
    it('needs TEST_REDIS_URL', () => {
      throw new Error('CI=true, but TEST_POSTGRES_URL and TEST_REDIS_URL name no servers to test on');
    });
  });
}

async function openPair(env: Variables): Promise<Domain> {
  const first = await openDomain('postgres', env);
  const second = await openDomain('postgres', env, first);
  const { claims, leases, claim, worker } = second;
  const close = async () => {
    await second.close();
    await first.close();
  };
  return { ...first, claims, leases, claim, worker, close };
}
