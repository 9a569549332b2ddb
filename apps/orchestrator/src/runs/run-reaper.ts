import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ReconcileReport } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { announcementOf } from './announcement.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import { BlobsService } from './blobs.service.js';
import { ClaimWatch } from './claim-watch.js';
import { ClaimsRepository } from './claims.repository.js';
import { ClockWatch } from './clock-watch.js';
import { PromotionService } from './promotion.service.js';
import type { Silence } from './mass-silence.js';
import { lostAt } from './run-rules.js';
import { RunStatus } from './run-status.js';
import { RunsRepository } from './runs.repository.js';
import type { RunRow } from './run.entity.js';
import { RunEnds } from './run-ends.js';
import { SilenceWatch } from './silence-watch.js';

/** Expired leases per pass; the longest silent go first. */
const batch = 1000;
/** Runs per pool that are announced again; those behind them cannot be next. */
const announcedPerPool = 1000;
const hourMs = 3_600_000;

/** How long a worker may be silent: as long as it declared, capped, and for how much longer. */
interface Patience {
  readonly lostAfterMs: number;
  readonly capMs: number;
  readonly graceMs: number;
}

/** With a worker that was removed. */
const noPatience: Patience = { lostAfterMs: 0, capMs: 0, graceMs: 0 };

/** Watches the clocks of runs, and tells the queue again what waits when it was emptied. The first pass at the start gives every lease a new window. */
@Injectable()
export class RunReaper implements OnApplicationBootstrap {
  private onlineWorkers = new Set<string>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(PromotionService) private readonly promotion: PromotionService,
    @Inject(ClaimWatch) private readonly watch: ClaimWatch,
    @Inject(ClockWatch) private readonly clocks: ClockWatch,
    @Inject(SilenceWatch) private readonly silence: SilenceWatch,
    @Inject(BlobsService) private readonly blobs: BlobsService,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.refreshLeases();
    await this.reconcile();
    this.queue.onLost(() => void this.announceAgain());
    const { reapMs, claimWatchMs } = this.config;
    this.jobs.add({ name: 'reap', everyMs: reapMs, on: 'one', run: () => this.reap() });
    this.jobs.add({ name: 'sweep', everyMs: hourMs / 4, on: 'one', run: () => this.sweep() });
    // Every orchestrator has a clock, and claims that may have stopped.
    this.jobs.add({ name: 'clock', everyMs: reapMs, on: 'each', run: () => this.clocks.mend() });
    this.jobs.add({ name: 'claim-watch', everyMs: claimWatchMs, on: 'each', run: () => this.watch.look() });
  }

  /** One pass over everything whose time has come. */
  async reap(): Promise<void> {
    await this.clocks.mend();
    await this.promotion.promoteDue();
    await this.giveUpWaiting();
    await this.handBackUntaken();
    await this.reapExpired();
    await this.noticeAbsence();
  }

  /** Ends what was interrupted and waited for a message in vain. */
  private async giveUpWaiting(): Promise<void> {
    const now = this.clock();
    for (const { id } of await this.runs.unanswered(this.database.read, now, batch)) {
      await this.database.write(async (manager, afterCommit) => {
        const run = await this.runs.lock(manager, id);
        if (run?.status !== 'waiting' || run.reason !== 'input' || run.readyAt > now) return;
        await this.ends.giveUpWaiting({ manager, afterCommit }, run);
      });
    }
  }

  /** Announces what is at the head of every line: after a start, and when the queue has lost it. The poll finds what one lost. */
  async reconcile(): Promise<number> {
    const heads = await this.runs.heads(this.database.read, announcedPerPool);
    for (const run of heads) this.queue.announce(announcementOf(run));
    await this.watch.look();
    return heads.length;
  }

  private async announceAgain(): Promise<void> {
    try {
      const runs = await this.reconcile();
      this.logger.info('runs announced again', { runs });
    } catch (error) {
      this.logger.warn('runs not announced again; the poll finds them', { error });
    }
  }

  /** Everything that is done every few seconds, now and counted; and a look whether tasks tell the status of their runs. */
  async reconcileNow(): Promise<ReconcileReport> {
    await this.clocks.mend();
    const promoted = await this.promotion.promoteDue();
    const reaped = (await this.handBackUntaken()) + (await this.reapExpired());
    const mended = await this.status.mend(await this.runs.strayTasks(this.database.read, batch));
    return { promoted, reaped, announced: await this.reconcile(), mended };
  }

  /** Gives every live lease a fresh window: the absence of the orchestrator counts against nobody. */
  refreshLeases(): Promise<void> {
    return this.clocks.refreshLeases();
  }

  /** Deletes what nobody asks for any more: answers to old claims, turns of long ago, and uploads that were broken off. */
  async sweep(): Promise<void> {
    const before = this.clock() - hourMs;
    await this.database.write((manager) => this.runs.pruneClaims(manager, before));
    const dayBefore = this.clock() - 24 * hourMs;
    await this.database.write((manager) => this.claims.pruneTurns(manager, dayBefore));
    await this.blobs.sweep(before);
    await this.blobs.pruneCheckpoints(this.config.checkpointsMaxMb * 1_000_000);
  }

  /** Claims whose answer never arrived. */
  private async handBackUntaken(): Promise<number> {
    let handed = 0;
    const before = this.clocks.judged() - this.config.unackedMs;
    for (const { id } of await this.runs.unacknowledged(this.database.read, before)) {
      await this.database.write(async (manager, afterCommit) => {
        const run = await this.runs.lock(manager, id);
        if (run?.status !== 'running' || run.acknowledged || (run.claimedAt ?? 0) > before) return;
        const tx = { manager, afterCommit };
        await (run.cancelRequestedAt === null ? this.ends.handBackUntaken(tx, run) : this.ends.abandon(tx, run));
        handed++;
      });
    }
    return handed;
  }

  private async reapExpired(): Promise<number> {
    let ended = 0;
    const expired = await this.runs.expired(this.database.read, this.clocks.judged(), batch);
    const workers = await this.workers.findMany(this.database.read, [
      ...new Set(expired.flatMap(({ workerId }) => workerId ?? [])),
    ]);
    const silences = this.silencesOf(expired, workers);
    const holders = silences.size === 0 ? 0 : (await this.runs.running(this.database.read)).byWorker.size;
    this.silence.look([...silences.values()], holders);
    const capOf = expired.length === 0 ? () => 0 : await this.workers.lostAfterCaps();
    for (const { id, pool, workerId, cancelRequestedAt, leaseExpiresAt } of expired) {
      const worker = workers.find((candidate) => candidate.id === workerId);
      const silentSince = silences.get(workerId ?? '')?.since ?? 0;
      const patience = worker === undefined ? noPatience : this.patienceWith(worker, capOf(pool), silentSince);
      const isDue = cancelRequestedAt !== null || this.isLost(leaseExpiresAt ?? 0, patience);
      if (!isDue) continue;
      await this.end(id, patience, worker === undefined);
      ended++;
    }
    return ended;
  }

  /** The workers that are not heard from at all, with the end of their last lease. */
  private silencesOf(expired: readonly RunRow[], workers: readonly WorkerRow[]): Map<string, Silence> {
    const silences = new Map<string, Silence>();
    for (const { workerId, leaseExpiresAt } of expired) {
      const worker = workers.find((candidate) => candidate.id === workerId);
      if (worker === undefined || this.workers.isOnline(worker)) continue;
      const since = Math.max(leaseExpiresAt ?? 0, silences.get(worker.id)?.since ?? 0);
      silences.set(worker.id, { workerId: worker.id, since });
    }
    return silences;
  }

  /** A cap that was lowered since the worker heard of it does not count yet: it may still work on what it has. */
  private patienceWith({ id, lostAfterMs, handOverMs }: WorkerRow, poolCapMs: number, silentSince: number): Patience {
    const capMs = Math.max(poolCapMs, handOverMs ?? 0);
    return { lostAfterMs, capMs, graceMs: this.silence.graceMs(id, silentSince, lostAfterMs, capMs) };
  }

  private isLost(leaseExpiresAt: number, { lostAfterMs, capMs, graceMs }: Patience): boolean {
    return lostAt(leaseExpiresAt, this.config.leaseMs, lostAfterMs, capMs) + graceMs <= this.clocks.judged();
  }

  /** Looks again under the lock, since a heartbeat may have come in between. */
  private async end(runId: string, patience: Patience, workerIsGone: boolean): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.runs.lock(manager, runId);
      if (run?.status !== 'running' || run.leaseExpiresAt === null || run.leaseExpiresAt > this.clocks.judged()) return;
      const tx = { manager, afterCommit };
      if (run.cancelRequestedAt !== null) return this.ends.abandon(tx, run);
      if (!this.isLost(run.leaseExpiresAt, patience)) return;
      const seconds = Math.round((this.clocks.judged() - run.leaseExpiresAt + this.config.leaseMs) / 1000);
      const who = run.workerName ?? run.workerId ?? 'The worker';
      await this.ends.lose(tx, run, workerIsGone ? `${who} was removed.` : `${who} was silent for ${seconds} s.`);
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
}
