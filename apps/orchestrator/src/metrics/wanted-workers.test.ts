import { describe, expect, it } from '@jest/globals';
import { version, type WantedWorkers } from '@corch/contract';
import type { WorkerRow } from '../workers/worker.entity.js';
import { wantedWorkers, type Demand, type WaitingRuns } from './wanted-workers.js';

const pool = (name: string, facts: Partial<Demand['pools'][number]> = {}) => ({
  name,
  paused: false,
  concurrency: null,
  ...facts,
});
const runs = (count: number, facts: Partial<WaitingRuns> = {}): WaitingRuns => ({
  pool: 'default',
  executor: 'claude',
  demo: false,
  requirements: [],
  concurrencyKey: null,
  concurrencyLimit: 1,
  firstKey: 0,
  count,
  ...facts,
});
const worker = (facts: Partial<WorkerRow> = {}): WorkerRow => ({
  id: 'worker_1',
  name: 'worker-1',
  host: 'machine-1',
  os: 'linux',
  arch: 'x64',
  version,
  nodeVersion: 'v20.20.0',
  claude: { path: 'claude', version: '2.1.330', problem: null },
  login: { kind: 'api_key', label: null },
  allowCommands: true,
  canDeliver: true,
  capacity: 1,
  pools: ['default'],
  labels: [],
  lostAfterMs: 120_000,
  handOverMs: null,
  enrolledAt: 1,
  registeredAt: 1,
  lastSeenAt: 1,
  mode: 'active',
  drainBy: null,
  loginHold: null,
  trouble: null,
  disk: null,
  ...facts,
});
const running = (facts: { pool?: number; key?: [string, number]; worker?: number } = {}): Demand['running'] => ({
  byPool: new Map(facts.pool === undefined ? [] : [['default', facts.pool]]),
  byKey: new Map(facts.key === undefined ? [] : [facts.key]),
  byWorker: new Map(facts.worker === undefined ? [] : [['worker_1', facts.worker]]),
});
const demand = (facts: Partial<Demand> = {}): Demand => ({
  pools: [pool('default')],
  maxRunning: null,
  workers: [],
  isOnline: ({ lastSeenAt }) => lastSeenAt > 0,
  waiting: [],
  running: running(),
  now: 1000,
  ...facts,
});
/** In a pool: what could start, how many workers it is worth in all, and how many more. */
const of = (facts: Partial<Demand>, size?: number) => brief(wantedWorkers(demand(facts), size)[0]);
const brief = (one: WantedWorkers | undefined) => [one?.startable, one?.wanted, one?.missing];

describe('wantedWorkers', () => {
  it('wants none when nothing is to do', () => {
    expect(of({ workers: [worker({ capacity: 4 })] })).toEqual([0, 0, 0]);
  });

  it('counts with one run each where there is no worker yet', () => {
    expect(of({ waiting: [runs(3)] })).toEqual([3, 3, 3]);
  });

  it('counts what runs, too, and fills the slots that are free first', () => {
    const workers = [worker({ capacity: 4 })];
    expect(of({ workers, waiting: [runs(5)], running: running({ pool: 3, worker: 3 }) })).toEqual([5, 2, 1]);
    expect(wantedWorkers(demand({ workers, waiting: [runs(5)], running: running({ pool: 3, worker: 3 }) }))).toEqual([
      {
        ...{ pool: 'default', paused: false, queued: 5, running: 3, startable: 5, workersOnline: 1, freeSlots: 1 },
        ...{ workerSize: 4, wanted: 2, missing: 1 },
      },
    ]);
  });

  it('takes the usual size, not that of the odd one, or the size that is asked for', () => {
    const workers = [4, 4, 100].map((capacity, n) => worker({ id: `worker_${n}`, capacity, mode: 'paused' }));
    expect(of({ workers, waiting: [runs(8)] })).toEqual([8, 2, 2]);
    expect(of({ workers, waiting: [runs(8)] }, 3)).toEqual([8, 3, 3]);
  });

  it('wants nothing more for a pool that is paused, and keeps what works there', () => {
    const pools = [pool('default', { paused: true })];
    expect(of({ pools, waiting: [runs(9)], running: running({ pool: 2 }) })).toEqual([0, 2, 0]);
  });

  it('stays below the limits of key, pool and everything together', () => {
    const keyed = runs(9, { concurrencyKey: 'k', concurrencyLimit: 3 });
    expect(of({ waiting: [keyed, runs(2)], running: running({ pool: 1, key: ['k', 1] }) })).toEqual([4, 5, 4]);
    expect(
      of({ pools: [pool('default', { concurrency: 5 })], waiting: [runs(9)], running: running({ pool: 4 }) }),
    ).toEqual([1, 5, 1]);
    expect(of({ maxRunning: 3, waiting: [runs(9)], running: running({ pool: 4 }) })).toEqual([0, 4, 0]);
  });

  it('gives what all pools share to those that stand in line first', () => {
    const waiting = [runs(9, { firstKey: 20 }), runs(2, { pool: 'gpu', firstKey: 10 })];
    const pools = [pool('default'), pool('gpu')];
    expect(wantedWorkers(demand({ pools, maxRunning: 5, waiting })).map(brief)).toEqual([
      [3, 3, 3],
      [2, 2, 2],
    ]);
  });

  it('wants nobody for what no worker of the pool could take', () => {
    const workers = [worker({ labels: ['gpu'], capacity: 1 })];
    const asks = (requirements: string[]) => of({ workers, waiting: [runs(3, { requirements })] });
    expect(asks(['gpu'])).toEqual([3, 3, 2]);
    expect(asks(['fast'])).toEqual([0, 0, 0]);
    expect(asks(['host=machine-1'])).toEqual([0, 0, 0]);
    expect(of({ workers: [], waiting: [runs(3, { requirements: ['host=machine-1'] })] })).toEqual([0, 0, 0]);
  });

  it('takes a worker that is away, paused, in trouble or old as the pattern of a new one', () => {
    const isGone = worker({ lastSeenAt: 0, mode: 'draining', trouble: 'The disk is full.', version: '0.0.1' });
    expect(of({ workers: [isGone], waiting: [runs(3)] })).toEqual([3, 3, 3]);
    expect(of({ workers: [worker({ login: { kind: 'none', label: null } })], waiting: [runs(3)] })).toEqual([0, 0, 0]);
  });

  it('counts no slot that nothing in line fits into', () => {
    const workers = [
      worker({ capacity: 4, login: { kind: 'none', label: null } }),
      worker({ id: 'worker_2', capacity: 4, lastSeenAt: 0 }),
    ];
    expect(of({ workers, waiting: [runs(8)] })).toEqual([8, 2, 2]);
  });

  it('counts no slot for what a limit holds back', () => {
    const workers = [worker({ capacity: 4 }), worker({ id: 'worker_2', capacity: 4, labels: ['gpu'], lastSeenAt: 0 })];
    const full = runs(5, { concurrencyKey: 'k', concurrencyLimit: 1 });
    const waiting = [full, runs(3, { requirements: ['gpu'], firstKey: 1 })];
    expect(of({ workers, waiting, running: running({ pool: 1, key: ['k', 1], worker: 1 }) })).toEqual([3, 2, 1]);
  });

  it('leaves the slots that some runs need to those', () => {
    const workers = [worker({ labels: ['gpu'] }), worker({ id: 'worker_2' })];
    const waiting = [runs(1), runs(1, { requirements: ['gpu'], firstKey: 1 })];
    expect(of({ workers, waiting })).toEqual([2, 2, 0]);
  });

  it('has each slot of a worker of several pools once', () => {
    const pools = [pool('default'), pool('gpu')];
    const workers = [worker({ pools: ['default', 'gpu'] })];
    const found = wantedWorkers(demand({ pools, workers, waiting: [runs(1), runs(1, { pool: 'gpu', firstKey: 1 })] }));
    expect(found.map(({ missing }) => missing)).toEqual([0, 1]);
  });
});
