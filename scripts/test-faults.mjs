// `pnpm test:faults [--all | --store NAME] [part/of/a/path …]`: kills and cuts off real processes, on SQLite and the store
// whose turn it is; on every store with --all. TEST_POSTGRES (system, newer) chooses another PostgreSQL than that of the day.
// Jest gets every other argument. Needs a build (`pnpm build`).
import { root, runHere } from './process.mjs';
import { findNetworkTools } from './test/network-tools.mjs';
import { fetchNewerPostgres } from './test/newer-postgres.mjs';
import { startPostgres } from './test/postgres.mjs';
import { startRedis } from './test/redis.mjs';
import { postgresFor, stores, storesOf } from './test/stores.mjs';

/** @param {string[]} args @returns {{ chosen: string[], rest: string[] }} */
function choose(args) {
  if (args[0] === '--all') return { chosen: stores, rest: args.slice(1) };
  if (args[0] !== '--store') {
    const today = storesOf(new Date());
    console.log(`Faults on ${today.stores.join(' and ')}: ${today.why}.`);
    return { chosen: today.stores, rest: args };
  }
  const [, name = '', ...rest] = args;
  if (stores.includes(name)) return { chosen: [name], rest };
  console.error(`There is no store "${name}"; choose ${stores.join(' or ')}.`);
  process.exit(2);
}

const { chosen, rest } = choose(process.argv.slice(2));
const isServerNeeded = chosen.some((name) => name !== 'sqlite') && process.env.TEST_POSTGRES_URL === undefined;
const newer = isServerNeeded && postgresFor(chosen) === 'newer' ? await fetchNewerPostgres() : undefined;
// Tests start servers of their own, too.
if (newer) process.env.POSTGRES_BIN = newer.bin;
const env = { ...process.env };
const postgres = isServerNeeded ? await startPostgres() : undefined;
if (postgres) env.TEST_POSTGRES_URL = postgres.url;
const isRedisNeeded = chosen.includes('redis') && env.TEST_REDIS_URL === undefined;
const redis = isRedisNeeded ? await startRedis() : undefined;
if (redis) env.TEST_REDIS_URL = redis.url;
await findNetworkTools();
for (const store of chosen) {
  console.log(`\n── faults on ${store}`);
  const jest = [`${root}scripts/jest.mjs`, '--selectProjects', 'faults', ...rest];
  const code = await runHere(process.execPath, jest, { env: { ...env, TEST_STORE: store } });
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
}
await redis?.stop();
await postgres?.stop();
await newer?.remove();
