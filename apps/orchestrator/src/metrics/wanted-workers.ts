// How many workers pools could use. Pure, and by the same rules as the claim: what no new worker could start calls for none.
import { ownRelease, type WantedWorkers } from '@corch/contract';
import { median } from '../common/median.js';
import { ClaimRoom } from '../runs/claim-room.js';
import { obstacle, type Claimable } from '../runs/claim-rules.js';
import type { PoolRow } from '../workers/pool.entity.js';
import type { WorkerRow } from '../workers/worker.entity.js';

/** Runs in line that are the same to a claim. */
export interface WaitingRuns extends Claimable {
  readonly pool: string;
  readonly concurrencyKey: string | null;
  readonly concurrencyLimit: number;
  readonly count: number;
  /** The place in line of the first of them. */
  readonly firstKey: number;
}

/** What is known about the moment. */
export interface Demand {
  readonly pools: readonly Pick<PoolRow, 'name' | 'paused' | 'concurrency'>[];
  /** The most runs at once over all pools; null: no limit. */
  readonly maxRunning: number | null;
  /** Every worker that has registered, also those that are away. */
  readonly workers: readonly WorkerRow[];
  readonly isOnline: (worker: WorkerRow) => boolean;
  readonly waiting: readonly WaitingRuns[];
  readonly running: {
    readonly byPool: ReadonlyMap<string, number>;
    readonly byKey: ReadonlyMap<string, number>;
    readonly byWorker: ReadonlyMap<string, number>;
  };
  /** Milliseconds. */
  readonly now: number;
}

/** The label by which a run is bound to one machine. */
const boundTo = 'host=';

/** For each pool, in their order. `size`: how many runs a new worker takes; as the usual one that is online does, when absent. */
export function wantedWorkers(demand: Demand, size?: number): WantedWorkers[] {
  const startable = startableRuns(demand);
  return demand.pools.map(({ name, paused }) => {
    const serving = demand.workers.filter((worker) => worker.pools.includes(name) && demand.isOnline(worker));
    const waiting = demand.waiting.filter((runs) => runs.pool === name);
    const running = demand.running.byPool.get(name) ?? 0;
    const workerSize = size ?? Math.max(1, median(serving.map(({ capacity }) => capacity)) ?? 1);
    const able = serving.filter((worker) => takesSome(worker, waiting, demand.now));
    const freeSlots = total(able.map(({ id, capacity }) => capacity - (demand.running.byWorker.get(id) ?? 0)));
    const couldStart = startable.get(name) ?? 0;
    return {
      pool: name,
      paused,
      queued: total(waiting.map(({ count }) => count)),
      running,
      startable: couldStart,
      workersOnline: serving.length,
      freeSlots,
      workerSize,
      wanted: Math.ceil((running + couldStart) / workerSize),
      missing: Math.max(0, Math.ceil((couldStart - freeSlots) / workerSize)),
    };
  });
}

/** Whether a worker could take any of these; with nothing in line, whether it takes anything. */
function takesSome(worker: WorkerRow, waiting: readonly WaitingRuns[], now: number): boolean {
  if (waiting.length > 0) return waiting.some((runs) => obstacle(worker, runs, now) === null);
  return worker.mode === 'active' && worker.trouble === null;
}

/** How many runs of each pool could start at once. What all pools share goes to those that stand in line first. */
function startableRuns({ pools, maxRunning, workers, waiting, running, now }: Demand): Map<string, number> {
  const startable = new Map<string, number>();
  const room = new ClaimRoom(running);
  for (const runs of waiting.toSorted((a, b) => a.firstKey - b.firstKey)) {
    const pool = pools.find(({ name }) => name === runs.pool);
    if (pool === undefined || pool.paused || !suitsNewWorker(runs, workers, now)) continue;
    const taken = room.takeMany(runs, runs.count, pool.concurrency, maxRunning);
    startable.set(pool.name, (startable.get(pool.name) ?? 0) + taken);
  }
  return startable;
}

/** Whether one more worker of the pool, like one of those that it has or had, could take them. */
function suitsNewWorker(runs: WaitingRuns, workers: readonly WorkerRow[], now: number): boolean {
  if (runs.requirements.some((label) => label.startsWith(boundTo))) return false;
  const known = workers.filter(({ pools }) => pools.includes(runs.pool));
  const fresh = { mode: 'active', trouble: null, version: ownRelease.version } as const;
  return known.length === 0 || known.some((worker) => obstacle({ ...worker, ...fresh }, runs, now) === null);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + Math.max(0, count), 0);
}
