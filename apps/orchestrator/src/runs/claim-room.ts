// Counts, without acting, how many more runs limits leave room for. Pure.

interface Limited {
  readonly pool: string;
  readonly concurrencyKey: string | null;
  readonly concurrencyLimit: number;
}

/** What works at the moment; what was not counted has no limit. */
export interface AtWork {
  readonly byKey: ReadonlyMap<string, number>;
  readonly byPool: ReadonlyMap<string, number>;
}

/** The room under the limits of keys, pools and everything together, for one run after the other. */
export class ClaimRoom {
  private readonly byKey: Map<string, number>;
  private readonly byPool: Map<string, number>;

  constructor({ byKey, byPool }: AtWork) {
    this.byKey = new Map(byKey);
    this.byPool = new Map(byPool);
  }

  /** Takes the room of one run; false when there is none. */
  take(run: Limited, poolLimit: number | null, maxRunning: number | null): boolean {
    return this.takeMany(run, 1, poolLimit, maxRunning) === 1;
  }

  /** Takes the room of so many runs that are alike, as far as there is room; returns for how many there was. */
  takeMany(run: Limited, many: number, poolLimit: number | null, maxRunning: number | null): number {
    const { concurrencyKey: key, concurrencyLimit, pool } = run;
    const ofKey = key === null ? 0 : (this.byKey.get(key) ?? 0);
    const ofPool = this.byPool.get(pool) ?? 0;
    const left = [
      many,
      ...(key === null ? [] : [concurrencyLimit - ofKey]),
      ...(poolLimit === null ? [] : [poolLimit - ofPool]),
      ...(maxRunning === null ? [] : [maxRunning - sum(this.byPool)]),
    ];
    const taken = Math.max(0, Math.min(...left));
    if (taken === 0) return 0;
    if (key !== null) this.byKey.set(key, ofKey + taken);
    this.byPool.set(pool, ofPool + taken);
    return taken;
  }
}

/** Of all pools together. */
export function sum(byPool: ReadonlyMap<string, number>): number {
  return [...byPool.values()].reduce((total, count) => total + count, 0);
}
