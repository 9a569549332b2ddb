// `npm test`: everything that has to hold, from a clean checkout, in one command. `--check` is the part without programs
// to start, for every push. All steps run even when one fails; only without packages or a build there is nothing to test.
import { parseArgs } from 'node:util';
import { root } from './process.mjs';
import { build } from './start/build-packages.mjs';
import { install, isInstalled } from './start/install.mjs';
import { withLock } from './start/lock.mjs';
import { checkPrerequisites } from './start/prerequisites.mjs';
import { say } from './start/say.mjs';
import { findChromium } from './test/chromium.mjs';
import { findNetworkTools } from './test/network-tools.mjs';
import { fetchNewerPostgres } from './test/newer-postgres.mjs';
import { runSql, startPostgres } from './test/postgres.mjs';
import { startRedis } from './test/redis.mjs';
import { endWith, onStop } from './test/report.mjs';
import { check, jest, leftOut, step } from './test/steps.mjs';
import { postgresFor, storesOf } from './test/stores.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const bin = `${root}node_modules/`;
/** @type {import('./test/steps.mjs').Result[]} */
const results = [];
/** @type {(...args: Parameters<typeof step>) => Promise<void>} */
const run = async (name, work) => void results.push(await step(name, work));
const { stores, why } = storesOf(new Date());
const env = { ...process.env };
/**
 * What repeats others, on another store or another Node, begins within this time: a CI gives up sooner or later, and a run that it
 * cuts off has proven nothing. The table says what was left out.
 */
const repeatsBeginWithinMs = 50 * 60_000;
/** @type {typeof run} */
const repeat = async (name, work) =>
  performance.now() < repeatsBeginWithinMs ? run(name, work) : void results.push(leftOut(name));
const hasFailed = () => results.some(({ failed }) => failed > 0);

await run('install', async () => {
  checkPrerequisites();
  await withLock(async () => void (isInstalled('all') || (await install('all'))));
  return { passed: 1, failed: 0 };
});
if (!values.check && !hasFailed()) {
  await run('build', async () => {
    await withLock(build);
    return { passed: 1, failed: 0 };
  });
}
if (hasFailed()) await endWith(results);

await run('format', () => check([`${bin}prettier/bin/prettier.cjs`, '--check', '--log-level', 'warn', '.']));
await run('lint', () => check([`${bin}eslint/bin/eslint.js`, '--max-warnings', '0', '.']));
await run('types', () => check([`${root}scripts/types.mjs`]));
await run('import borders', () =>
  check([
    `${bin}dependency-cruiser/bin/dependency-cruise.mjs`,
    '--config',
    '.dependency-cruiser.cjs',
    'packages',
    'apps',
    'e2e',
    'bench',
  ]),
);
const orchestrator = `${root}apps/orchestrator`;
const tsx = `${orchestrator}/node_modules/tsx/dist/cli.mjs`;
// In the package's folder: tsx takes the decorators' setting from the tsconfig that it finds there.
await run('generated files', () =>
  check([tsx, '--conditions=corch-source', 'src/openapi.ts', '--check'], orchestrator),
);
// Many tests share two cores; each that needed the second try is named at the end.
await run('unit', () => jest('unit', env, { maySecondTry: true }));

if (!values.check) {
  await run('PostgreSQL', async () => {
    if (postgresFor(stores) === 'newer') {
      const newer = await fetchNewerPostgres();
      onStop(newer.remove);
      // Tests start servers of their own, too.
      process.env.POSTGRES_BIN = env.POSTGRES_BIN = newer.bin;
    }
    const postgres = await startPostgres();
    onStop(postgres.stop);
    env.TEST_POSTGRES_URL = postgres.url;
    say(`   PostgreSQL ${await runSql(postgres.url, 'SHOW server_version')}`);
    return { passed: 1, failed: 0 };
  });
  await run('Redis', async () => {
    const redis = await startRedis();
    onStop(redis.stop);
    env.TEST_REDIS_URL = redis.url;
    return { passed: 1, failed: 0 };
  });
  await run('Chromium', async () => {
    env.CHROMIUM_PATH = await findChromium();
    return { passed: 1, failed: 0 };
  });
  await run('integration', () => jest('integration', env, { maySecondTry: true }));
  await run('end to end', () => jest('e2e', env, { maySecondTry: true }));
  await findNetworkTools();
  say(`\nFaults on ${stores.join(' and ')}: ${why}.`);
  for (const [index, store] of stores.entries()) {
    // The faults themselves are always tried; on the second store they repeat those of the first.
    const runOrRepeat = index === 0 ? run : repeat;
    await runOrRepeat(`faults on ${store}`, () => jest('faults', { ...env, TEST_STORE: store }));
  }
  for (const version of ['22', '24']) {
    await repeat(`smoke on Node ${version}`, () => check([`${root}scripts/smoke.mjs`, '--node', version]));
  }
}

await endWith(results);
