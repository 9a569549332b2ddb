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

/** Runs that the limits let start at once. */
interface Startable {
  readonly runs: WaitingRuns;
  readonly count: number;
}

/** For each pool, in their order. `size`: how many runs a new worker takes; as the usual one that is online does, when absent. */
export function wantedWorkers(demand: Demand, size?: number): WantedWorkers[] {
  const startable = startableRuns(demand);
  const seats = seat(demand, startable);
  return demand.pools.map(({ name, paused }) => {
    const serving = demand.workers.filter((worker) => worker.pools.includes(name) && demand.isOnline(worker));
    const ours = startable.filter(({ runs }) => runs.pool === name);
    const running = demand.running.byPool.get(name) ?? 0;
    const workerSize = size ?? Math.max(1, median(serving.map(({ capacity }) => capacity)) ?? 1);
    const couldStart = total(ours.map(({ count }) => count));
    const left = total(ours.map((one) => seats.left.get(one) ?? 0));
    const missing = Math.ceil(left / workerSize);
    const busy = serving.filter(({ id }) => seats.busy.has(id)).length;
    const worth = Math.ceil((running + couldStart) / workerSize);
    return {
      pool: name,
      paused,
      queued: total(demand.waiting.filter((runs) => runs.pool === name).map(({ count }) => count)),
      running,
      startable: couldStart,
      workersOnline: serving.length,
      freeSlots: total(serving.filter((worker) => takesSome(worker, ours, demand.now)).map((one) => free(demand, one))),
      workerSize,
      // Those that are busy with what others cannot take do not take what is left.
      wanted: missing > 0 ? Math.max(worth, busy + missing) : worth,
      missing,
    };
  });
}

/**
 * Gives what could start to the free slots of workers that are online, what fewest of them can take first. A worker of several pools
 * has each slot once. `left`: how many runs of each found none; `busy`: the workers that have something to do then.
 */
function seat(demand: Demand, startable: readonly Startable[]) {
  const online = demand.workers.filter(demand.isOnline);
  const slots = new Map(online.map((worker) => [worker.id, free(demand, worker)]));
  const busy = new Set(online.filter(({ id }) => (demand.running.byWorker.get(id) ?? 0) > 0).map(({ id }) => id));
  const able = ({ runs }: Startable) =>
    online.filter((worker) => worker.pools.includes(runs.pool) && obstacle(worker, runs, demand.now) === null);
  const choosy = startable.map((one) => ({ one, workers: able(one) }));
  const left = new Map<Startable, number>();
  for (const { one, workers } of choosy.toSorted((a, b) => a.workers.length - b.workers.length)) {
    let open = one.count;
    for (const { id } of workers) {
      const taken = Math.min(open, slots.get(id) ?? 0);
      slots.set(id, (slots.get(id) ?? 0) - taken);
      open -= taken;
      if (taken > 0) busy.add(id);
    }
    left.set(one, open);
  }
  return { left, busy };
}

function free({ running }: Demand, { id, capacity }: WorkerRow): number {
  return Math.max(0, capacity - (running.byWorker.get(id) ?? 0));
}

/** Whether a worker could take any of these; where nothing could start, whether it takes anything. */
function takesSome(worker: WorkerRow, startable: readonly Startable[], now: number): boolean {
  if (startable.length > 0) return startable.some(({ runs }) => obstacle(worker, runs, now) === null);
  return worker.mode === 'active' && worker.trouble === null;
}

/** What could start at once. What all pools share goes to those that stand in line first. */
function startableRuns({ pools, maxRunning, workers, waiting, running, now }: Demand): Startable[] {
  const startable: Startable[] = [];
  const room = new ClaimRoom(running);
  for (const runs of waiting.toSorted((a, b) => a.firstKey - b.firstKey)) {
    const pool = pools.find(({ name }) => name === runs.pool);
    if (pool === undefined || pool.paused || !suitsNewWorker(runs, workers, now)) continue;
    const count = room.takeMany(runs, runs.count, pool.concurrency, maxRunning);
    if (count > 0) startable.push({ runs, count });
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
  return counts.reduce((sum, count) => sum + count, 0);
}
