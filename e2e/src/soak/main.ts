// `pnpm soak`: see `--help`. Linux only, as it reads /proc.
import { parseArgs } from 'node:util';
import { startPostgres } from '../../../scripts/test/postgres.mjs';
import { startRedis } from '../../../scripts/test/redis.mjs';
import { details, hasFailed, table } from './report.js';
import { Soak } from './soak.js';

const usage = `pnpm soak [options]: real programs under load with random faults; everything must balance in the end.
  --minutes N        how long the load lasts (2)
  --seed N           repeats the same draws (from the clock)
  --store NAME       sqlite, postgres, or redis: two orchestrators on PostgreSQL and Redis behind a balancer (sqlite)
  --workers N        how many (4)
  --fault-seconds N  the pause between two faults, on average; 0 for none (4)
  --keep             keep the folder with all data and logs; it is kept anyway when something is wrong`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    store: { type: 'string', default: 'sqlite' },
    workers: { type: 'string', default: '4' },
    'fault-seconds': { type: 'string', default: '4' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** @returns the number behind a flag; a wrong one ends the program */
function count(flag: 'minutes' | 'seed' | 'workers' | 'fault-seconds', least: number): number {
  const value = Number(values[flag]);
  if (Number.isFinite(value) && value >= least) return value;
  process.exit(misused(`--${flag} ${values[flag]} is no number from ${least} on`));
}

function misused(why: string): number {
  console.error(`${why}. See pnpm soak --help.`);
  return 2;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const seed = count('seed', 0);
  const minutes = count('minutes', 0.1);
  const workers = count('workers', 2);
  const faultSeconds = count('fault-seconds', 0);
  const { store } = values;
  if (store !== 'sqlite' && store !== 'postgres' && store !== 'redis') return misused(`There is no store ${store}`);
  // What was answered has to outlive the server's sudden end, as it does in production.
  const postgres = store === 'sqlite' ? undefined : await startPostgres({ synchronous_commit: 'on' });
  const redis = store === 'redis' ? await startRedis() : undefined;
  const started = performance.now();
  const say = (line: string) =>
    console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  const soak = new Soak({
    seed,
    minutes,
    workers,
    faultSeconds,
    servers: { postgres, redis },
    orchestrators: redis === undefined ? 1 : 2,
    say,
  });
  // The second signal ends this process at once; the programs then miss their parent and stop by themselves.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => soak.abort());
  }
  console.log(`Soak of ${minutes} min on ${store} with ${workers} workers, seed ${seed}, in ${soak.stack.folder}`);
  let isGood = false;
  try {
    const result = await soak.run();
    isGood = !hasFailed(result);
    console.log(`\n${[details(result), table(result)].filter((text) => text !== '').join('\n\n')}\n`);
    return isGood ? 0 : 1;
  } catch (error) {
    console.error(soak.isAborted ? 'The soak was broken off; everything it started is ended.' : error);
    return 1;
  } finally {
    const isKept = values.keep || !(isGood || soak.isAborted);
    await soak.end(isKept);
    await redis?.stop();
    await postgres?.stop();
    if (isKept) console.log(`Data and logs are kept in ${soak.stack.folder}`);
  }
}

// Whoever still waits for an orchestrator that was ended would keep the process alive.
process.exit(await main());
