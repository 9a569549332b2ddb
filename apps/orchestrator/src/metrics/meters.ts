import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { RunRow } from '../runs/run.entity.js';

/** Seconds. Runs take from a moment to hours, and so do waits. */
const longBuckets = [1, 5, 15, 60, 180, 600, 1_800, 3_600, 7_200, 14_400];
const shortBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/**
 * What this orchestrator has done since it started, as Prometheus counts. With several orchestrators each counts its own part: sums
 * are for whoever reads them. What is the same for all of them is read from the database, see `FleetReadings`.
 */
@Injectable()
export class Meters {
  readonly registry = new Registry();
  private readonly registers = [this.registry];

  private readonly claimed = new Counter({
    name: 'corch_claims_total',
    help: 'Runs that workers have claimed.',
    labelNames: ['pool'],
    registers: this.registers,
  });
  private readonly waited = new Histogram({
    name: 'corch_run_wait_seconds',
    help: 'From the moment a run could start until a worker claimed it.',
    labelNames: ['pool'],
    buckets: longBuckets,
    registers: this.registers,
  });
  private readonly ended = new Counter({
    name: 'corch_runs_ended_total',
    help: 'Runs that ended, by status and reason.',
    labelNames: ['pool', 'executor', 'status', 'reason'],
    registers: this.registers,
  });
  private readonly took = new Histogram({
    name: 'corch_run_duration_seconds',
    help: 'From the first start of a run to its end.',
    labelNames: ['pool', 'status'],
    buckets: longBuckets,
    registers: this.registers,
  });
  private readonly cost = new Counter({
    name: 'corch_run_cost_usd_total',
    help: "What runs cost by Claude Code's own estimate, in US dollars. Runs on the scripted model cost nothing.",
    labelNames: ['pool'],
    registers: this.registers,
  });
  private readonly lines = new Counter({
    name: 'corch_events_total',
    help: 'Lines of transcripts that were stored.',
    registers: this.registers,
  });
  private readonly lag = new Histogram({
    name: 'corch_event_lag_seconds',
    help: "From the newest line of a batch, by the worker's clock, until it was stored.",
    buckets: shortBuckets,
    registers: this.registers,
  });
  private readonly requests = new Histogram({
    name: 'corch_http_request_seconds',
    help: 'Answers to requests, without streams and waiting claims.',
    labelNames: ['route', 'status'],
    buckets: shortBuckets,
    registers: this.registers,
  });

  private readonly removedTasks = new Counter({
    name: 'corch_retention_tasks_total',
    help: 'Tasks that retention has deleted.',
    registers: this.registers,
  });
  private readonly removedRuns = new Counter({
    name: 'corch_retention_runs_total',
    help: 'Runs that retention has left without transcript and files, without those of deleted tasks.',
    registers: this.registers,
  });
  private readonly removedBytes = new Counter({
    name: 'corch_retention_bytes_total',
    help: 'What retention has freed of transcripts and files, as they were stored.',
    registers: this.registers,
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  runClaimed({ pool, claimedAt, readyAt }: Pick<RunRow, 'pool' | 'claimedAt' | 'readyAt'>): void {
    this.claimed.inc({ pool });
    if (claimedAt !== null) this.waited.observe({ pool }, Math.max(0, claimedAt - readyAt) / 1000);
  }

  runEnded({ pool, executor, status, reason, startedAt, endedAt }: RunRow): void {
    this.ended.inc({ pool, executor, status, reason: reason ?? '' });
    if (startedAt !== null && endedAt !== null) this.took.observe({ pool, status }, (endedAt - startedAt) / 1000);
  }

  /** `micros`: millionths of a dollar. */
  runCost(pool: string, micros: number): void {
    this.cost.inc({ pool }, micros / 1e6);
  }

  /** `lagMs` is negative when the clock of the worker goes ahead. */
  eventsStored(count: number, lagMs: number): void {
    this.lines.inc(count);
    this.lag.observe(Math.max(0, lagMs) / 1000);
  }

  /** What retention has removed in a pass. */
  removed({ tasks, runs, bytes }: { readonly tasks: number; readonly runs: number; readonly bytes: number }): void {
    this.removedTasks.inc(tasks);
    this.removedRuns.inc(runs);
    this.removedBytes.inc(Math.max(0, bytes));
  }

  answered(route: string, status: number, ms: number): void {
    this.requests.observe({ route, status: `${Math.floor(status / 100)}xx` }, ms / 1000);
  }
}
