// On which stores the faults are tested. SQLite always; of the others one a day, so that each gets its turn and a run of the
// tests stays short. `pnpm test:faults --all` takes them all.

const always = 'sqlite';
const others = ['postgres', 'redis'];
const dayMs = 86_400_000;

/** Every store. */
export const stores = [always, ...others];

/**
 * The stores of a day, and the sentence that says why.
 * @param {Date} day
 * @returns {{ stores: string[], why: string }}
 */
export function storesOf(day) {
  const number = Math.floor(day.getTime() / dayMs);
  const turn = others[number % others.length] ?? always;
  return { stores: [always, turn], why: `${turn} has its turn on ${day.toISOString().slice(0, 10)}` };
}

/**
 * Which PostgreSQL a day is for: the system's own, or the newer one of the registry when Redis, which needs a PostgreSQL too, has its
 * turn. TEST_POSTGRES (`system` or `newer`) decides otherwise, and POSTGRES_BIN names one for good.
 * @param {string[]} chosen the stores of this run
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {'system' | 'newer'}
 */
export function postgresFor(chosen, { TEST_POSTGRES: wish, POSTGRES_BIN: bin } = process.env) {
  if (bin) return 'system';
  if (wish === 'system' || wish === 'newer') return wish;
  if (wish) throw new Error(`TEST_POSTGRES is ${wish}; choose system or newer.`);
  return chosen.includes('redis') && !chosen.includes('postgres') ? 'newer' : 'system';
}
