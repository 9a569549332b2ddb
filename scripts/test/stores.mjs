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
