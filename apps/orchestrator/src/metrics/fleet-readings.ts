import { Inject, Injectable } from '@nestjs/common';
import type { WantedWorkers, Worker } from '@corch/contract';
import { Gauge } from 'prom-client';
import { DearAnswer } from '../common/dear-answer.js';
import { CLOCK, MONOTONIC, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { databaseBytes } from '../database/database-size.js';
import { HealthService } from '../health/health.service.js';
import { RunSizesRepository, type StoredTotal } from '../runs/run-sizes.repository.js';
import type { PoolRow } from '../workers/pool.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import { DemandService } from './demand.service.js';
import { LiveRuns, liveStatuses, type LiveCount } from './live-runs.js';
import { Meters } from './meters.js';

/** What is the same for every orchestrator on the database: gauges that are read when somebody asks. */
@Injectable()
export class FleetReadings {
  private readonly latest: DearAnswer<Fleet>;
  private readonly runs = this.gauge('corch_runs', 'Runs that have not ended, by pool and status.', ['pool', 'status']);
  private readonly oldest = this.gauge(
    'corch_queue_oldest_wait_seconds',
    'How long the run waits that could have started first; 0 when none is in line.',
    ['pool'],
  );
  private readonly leases = this.gauge(
    'corch_leases',
    'Runs at a worker: live, or overdue when the worker has not been heard for a lease.',
    ['state'],
  );
  private readonly workers = this.gauge('corch_workers', 'Workers by state and mode.', ['state', 'mode']);
  private readonly slots = this.gauge('corch_worker_slots', 'Runs that the online workers of a pool have room for.', [
    'pool',
  ]);
  private readonly wanted = this.gauge(
    'corch_wanted_workers',
    'Workers of the usual size that what runs, and what could start at once, would fill.',
    ['pool'],
  );
  private readonly missing = this.gauge('corch_missing_workers', 'Of these, so many beside those that are online.', [
    'pool',
  ]);
  private readonly stored = this.gauge(
    'corch_stored_bytes',
    'Transcripts and files of runs that have ended, as they are stored.',
    ['kind'],
  );
  private readonly databaseSize = this.gauge('corch_database_bytes', 'What the whole database takes on its disk.', []);
  private readonly checks = this.gauge('corch_health_check', '1 when a part of /health is ok, else 0.', ['check']);

  constructor(
    @Inject(Meters) private readonly meters: Meters,
    @Inject(Database) private readonly database: Database,
    @Inject(LiveRuns) private readonly live: LiveRuns,
    @Inject(WorkersService) private readonly workersService: WorkersService,
    @Inject(DemandService) private readonly demand: DemandService,
    @Inject(RunSizesRepository) private readonly sizes: RunSizesRepository,
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONOTONIC) monotonic: Clock,
  ) {
    this.latest = new DearAnswer(() => this.read(), monotonic);
  }

  /** Everything in the text format of Prometheus. Without a database there is no answer, which Prometheus shows as `up` 0. */
  async text(): Promise<string> {
    const [fleet, health] = await Promise.all([this.latest.get(), this.health.check()]);
    const { runs, oldest, leases, workers, slots, wanted, missing } = this;
    for (const gauge of [runs, oldest, leases, workers, slots, wanted, missing]) gauge.reset();
    this.checks.reset();
    for (const [check, { ok }] of Object.entries(health.checks)) this.checks.set({ check }, ok ? 1 : 0);
    this.set(fleet);
    return this.meters.registry.metrics();
  }

  private async read() {
    const { read } = this.database;
    const [live, overdue, workers, pools, wanted, stored, bytes] = await Promise.all([
      this.live.count(read),
      this.live.countOverdue(read, this.clock()),
      this.workersService.list(),
      this.workersService.poolRows(read),
      this.demand.wanted(),
      this.sizes.total(read),
      databaseBytes(this.database),
    ]);
    return { live, overdue, workers, pools, wanted, stored, bytes };
  }

  private set({ live, overdue, workers, pools, wanted, stored, bytes }: Fleet): void {
    for (const { name: pool } of pools) {
      const ofPool = live.filter((one) => one.pool === pool);
      const countOf = (status: LiveCount['status']) => ofPool.find((one) => one.status === status)?.count ?? 0;
      for (const status of liveStatuses) this.runs.set({ pool, status }, countOf(status));
      const readyAt = ofPool.find(({ status }) => status === 'queued')?.oldestReadyAt ?? null;
      this.oldest.set({ pool }, readyAt === null ? 0 : Math.max(0, this.clock() - readyAt) / 1000);
      const serving = workers.filter((worker) => worker.state === 'online' && worker.pools.includes(pool));
      this.slots.set(
        { pool },
        serving.reduce((sum, { capacity }) => sum + capacity, 0),
      );
    }
    for (const one of wanted) {
      this.wanted.set({ pool: one.pool }, one.wanted);
      this.missing.set({ pool: one.pool }, one.missing);
    }
    const running = live.filter(({ status }) => status === 'running').reduce((sum, { count }) => sum + count, 0);
    this.leases.set({ state: 'overdue' }, overdue);
    this.leases.set({ state: 'live' }, Math.max(0, running - overdue));
    for (const { state, mode } of workers) this.workers.inc({ state, mode });
    this.stored.set({ kind: 'transcripts' }, stored.transcriptBytes);
    this.stored.set({ kind: 'files' }, stored.fileBytes);
    this.databaseSize.set(bytes);
  }

  private gauge<const Name extends string>(name: string, help: string, labelNames: readonly Name[]): Gauge<Name> {
    return new Gauge({ name, help, labelNames, registers: [this.meters.registry] });
  }
}

interface Fleet {
  readonly live: readonly LiveCount[];
  readonly overdue: number;
  readonly workers: readonly Worker[];
  readonly pools: readonly PoolRow[];
  readonly wanted: readonly WantedWorkers[];
  readonly stored: StoredTotal;
  readonly bytes: number;
}
