import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Pulse } from '../common/pulse.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { WorkersService } from '../workers/workers.service.js';
import { BlobsService } from './blobs.service.js';
import { PromotionService } from './promotion.service.js';
import { lostAt } from './run-rules.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';

/** Expired leases per pass; the longest silent go first. */
const batch = 1000;
/** Runs per pool that the reconciler announces; those behind them cannot be next. */
const announcedPerPool = 1000;
const hourMs = 3_600_000;

/** Watches the clocks of runs, and puts back into the queue what it forgot. The first pass at the start gives every lease a new window. */
@Injectable()
export class RunReaper implements OnApplicationBootstrap, OnModuleDestroy {
  private timers: NodeJS.Timeout[] = [];
  private readonly busy = new Map<string, Promise<void>>();
  private lastPassAt = 0;
  private onlineWorkers = new Set<string>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunsService) private readonly service: RunsService,
    @Inject(PromotionService) private readonly promotion: PromotionService,
    @Inject(BlobsService) private readonly blobs: BlobsService,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(Pulse) private readonly pulse: Pulse,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.refreshLeases();
    await this.reconcile();
    this.every(this.config.reapMs, 'reap', () => this.reap());
    this.every(this.config.reconcileMs, 'reconcile', () => this.reconcile());
    this.every(hourMs / 4, 'sweep', () => this.sweep());
  }

  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
    await Promise.all(this.busy.values());
  }

  /** One pass over everything whose time has come. */
  async reap(): Promise<void> {
    const now = this.clock();
    // This process slept (a closed laptop, a stopped container): the workers could not be heard, so none of them is to blame.
    const slept = now - this.lastPassAt > this.config.reapMs + this.config.leaseMs / 2;
    this.lastPassAt = now;
    if (slept) await this.refreshLeases();
    await this.promotion.promoteDue();
    await this.handBackUntaken();
    await this.reapExpired();
    await this.noticeAbsence();
  }

  /** Announces what is at the head of every line, in case a signal was lost. */
  async reconcile(): Promise<void> {
    for (const run of await this.runs.heads(this.database.read, announcedPerPool)) {
      this.queue.announce({ runId: run.id, pool: run.pool, readyAt: run.readyAt });
    }
    this.pulse.beat('queue', this.config.reconcileMs);
  }

  /** Gives every live lease a fresh window: the absence of the orchestrator counts against nobody. */
  async refreshLeases(): Promise<void> {
    this.lastPassAt = this.clock();
    const refreshed = await this.database.write((manager) =>
      this.runs.refreshLeases(manager, this.clock(), this.config.leaseMs),
    );
    if (refreshed > 0) this.logger.info('leases refreshed', { runs: refreshed });
  }

  /** Deletes what nobody asks for any more: answers to old claims, and uploads that were broken off. */
  async sweep(): Promise<void> {
    const before = this.clock() - hourMs;
    await this.database.write((manager) => this.runs.pruneClaims(manager, before));
    await this.blobs.sweep(before);
  }

  /** Claims whose answer never arrived. */
  private async handBackUntaken(): Promise<void> {
    const before = this.clock() - this.config.unackedMs;
    for (const { id } of await this.runs.unacknowledged(this.database.read, before)) {
      await this.database.write(async (manager, afterCommit) => {
        const run = await this.runs.lock(manager, id);
        if (run?.status !== 'running' || run.acknowledged || (run.claimedAt ?? 0) > before) return;
        const tx = { manager, afterCommit };
        await (run.cancelRequestedAt === null ? this.service.handBack(tx, run) : this.service.abandon(tx, run));
      });
    }
  }

  private async reapExpired(): Promise<void> {
    const expired = await this.runs.expired(this.database.read, this.clock(), batch);
    const workers = await this.workers.findMany(this.database.read, [
      ...new Set(expired.flatMap(({ workerId }) => workerId ?? [])),
    ]);
    for (const { id, workerId, cancelRequestedAt, leaseExpiresAt } of expired) {
      const worker = workers.find((candidate) => candidate.id === workerId);
      const isDue = cancelRequestedAt !== null || this.isLost(leaseExpiresAt ?? 0, worker?.lostAfterMs ?? 0);
      if (isDue) await this.end(id, worker?.lostAfterMs ?? 0, worker === undefined);
    }
  }

  private isLost(leaseExpiresAt: number, lostAfterMs: number): boolean {
    return lostAt(leaseExpiresAt, this.config.leaseMs, lostAfterMs, this.config.lostAfterCapMs) <= this.clock();
  }

  /** Looks again under the lock, since a heartbeat may have come in between. */
  private async end(runId: string, lostAfterMs: number, workerIsGone: boolean): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.runs.lock(manager, runId);
      if (run?.status !== 'running' || run.leaseExpiresAt === null || run.leaseExpiresAt > this.clock()) return;
      const tx = { manager, afterCommit };
      if (run.cancelRequestedAt !== null) return this.service.abandon(tx, run);
      if (!this.isLost(run.leaseExpiresAt, lostAfterMs)) return;
      const seconds = Math.round((this.clock() - run.leaseExpiresAt + this.config.leaseMs) / 1000);
      const who = run.workerName ?? run.workerId ?? 'The worker';
      await this.service.lose(tx, run, workerIsGone ? `${who} was removed.` : `${who} was silent for ${seconds} s.`);
    });
  }

  /** Tells viewers of workers that went silent; one that comes back tells itself. */
  private async noticeAbsence(): Promise<void> {
    const rows = await this.workers.rows();
    const online = new Set(rows.filter((row) => this.workers.isOnline(row)).map(({ id }) => id));
    for (const id of this.onlineWorkers) {
      if (online.has(id)) continue;
      this.changes.changed('worker', id);
      for (const pool of rows.find((row) => row.id === id)?.pools ?? []) this.changes.changed('pool', pool);
    }
    this.onlineWorkers = online;
  }

  /** Never twice at the same time; a pass that fails is logged, and the next one tries again. */
  private every(ms: number, name: string, pass: () => Promise<void>): void {
    const tick = () => {
      if (this.busy.has(name)) return;
      const running = pass()
        .catch((error: unknown) => this.logger.error(`${name} failed`, { error }))
        .finally(() => this.busy.delete(name));
      this.busy.set(name, running);
    };
    this.timers.push(setInterval(tick, ms).unref());
  }
}
