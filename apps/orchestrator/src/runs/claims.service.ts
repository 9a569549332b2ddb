import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ClaimedRun, ClaimRuns } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { RunQueue } from '../dispatch/run-queue.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import { isDemoOn, obstacle } from './claim-rules.js';
import { ClaimedRuns } from './claimed-runs.js';
import { ClaimsRepository, type Candidate } from './claims.repository.js';
import { PromotionService } from './promotion.service.js';
import { RunStatus, type Tx } from './run-status.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** How far into the line of a pool a claim looks for a run that its worker can take: pages of 200, so 1,000 runs. */
const pageSize = 200;
const maxPages = 5;
/** Times a claim starts over because others took what it had picked. */
const maxRounds = 5;

/** Hands runs to workers. The database decides which; waiting claims are woken by the queue. */
@Injectable()
export class ClaimsService implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(ClaimedRuns) private readonly claimed: ClaimedRuns,
    @Inject(PromotionService) private readonly promotion: PromotionService,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Answers every waiting claim with nothing. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * Waits for runs, at most `free` of them. Empty when there was nothing to do in time, when `signal` is aborted (the worker hung
   * up) or when the orchestrator stops. The same `claimId` again gets the runs of the first answer that it still holds.
   */
  async claim(workerId: string, { claimId, free, waitMs }: ClaimRuns, signal: AbortSignal): Promise<ClaimedRun[]> {
    const until = this.clock() + Math.min(waitMs, this.config.claimWaitMs);
    const ended = new AbortController();
    const end = () => ended.abort();
    const ends = [signal, this.stopping.signal];
    for (const one of ends) one.addEventListener('abort', end);
    if (ends.some((one) => one.aborted)) end();
    try {
      while (!ended.signal.aborted) {
        const runs = await this.look(workerId, { claimId, free }, until, ended.signal);
        if (runs.length > 0 || this.clock() >= until) return runs;
      }
      return [];
    } finally {
      for (const one of ends) one.removeEventListener('abort', end);
    }
  }

  /** One look into the database and, when there is nothing, one wait for a sign that there may be something. */
  private async look(
    workerId: string,
    { claimId, free }: Pick<ClaimRuns, 'claimId' | 'free'>,
    until: number,
    ended: AbortSignal,
  ): Promise<ClaimedRun[]> {
    const worker = await this.present(workerId);
    const round = new AbortController();
    const stop = () => round.abort();
    ended.addEventListener('abort', stop);
    if (ended.aborted) stop();
    try {
      // Waiting begins before the look, so that a run which is announced in between wakes this claim.
      const woken = this.queue.wait(worker.pools, round.signal, until - this.clock());
      const runs = await this.take(worker, claimId, free);
      if (runs.length === 0) await woken;
      return runs;
    } finally {
      ended.removeEventListener('abort', stop);
      round.abort();
    }
  }

  /** A claim is a sign of life. It is noted at most three times per lease. */
  private async present(workerId: string): Promise<WorkerRow> {
    const worker = await this.workers.get(workerId);
    if (this.clock() - worker.lastSeenAt > this.config.leaseMs / 3) {
      await this.database.write((manager) => this.workers.seen(manager, workerId));
    }
    return worker;
  }

  private async take(worker: WorkerRow, claimId: string, free: number): Promise<ClaimedRun[]> {
    const earlier = await this.runs.findClaim(this.database.read, claimId);
    if (earlier !== null) return this.claimed.again(worker, earlier);
    await this.promotion.promoteDue();
    // Looking costs no transaction; that there is nothing to do is the usual answer.
    const seen = await this.suitable(this.database.read, worker, free);
    if (seen.length === 0) return [];
    for (let round = 1; round <= maxRounds; round++) {
      const taken = await this.database.write(async (manager, afterCommit) => {
        const suitable = round === 1 ? seen : await this.suitable(manager, worker, free);
        return this.swap({ manager, afterCommit }, worker, { claimId, free }, suitable);
      });
      if (taken === 'claimed already') return this.take(worker, claimId, free);
      if (taken.length === 0) continue;
      for (const run of taken) {
        const { id: runId, taskId, leaseEpoch: epoch, attempt } = run;
        this.logger.info('run claimed', { runId, taskId, epoch, attempt, workerId: worker.id });
      }
      return this.claimed.toClaimed(taken);
    }
    return [];
  }

  /** The first runs in line that this worker can take, `free` of them and some more; read without locks. */
  private async suitable(manager: EntityManager, worker: WorkerRow, free: number): Promise<Candidate[]> {
    const pools = await this.workers.poolRows(manager);
    const open = worker.pools.filter((name) => !pools.some((pool) => pool.name === name && pool.paused));
    const kinds = takenKinds(worker);
    const found: Candidate[] = [];
    if (kinds.length === 0) return found;
    for (const pool of open) {
      let count = 0;
      for (let page = 0, offset = 0; page < maxPages && count < free; page++) {
        // Most heads suit; a short first look keeps the usual claim cheap.
        const limit = page === 0 ? Math.min(free * 2 + 8, pageSize) : pageSize;
        const look = { pool, kinds, now: this.clock(), offset, limit };
        const candidates = await this.claims.candidates(manager, look);
        const fitting = withinKeys(candidates.filter((candidate) => obstacle(worker, candidate) === null));
        found.push(...fitting);
        count += fitting.length;
        offset += limit;
        if (candidates.length < limit) break;
      }
    }
    return found.sort((a, b) => a.dispatchKey - b.dispatchKey || (a.id < b.id ? -1 : 1));
  }

  /** Moves what is still free to the worker, in one transaction with the answer that a repeat of the claim gets. */
  private async swap(
    tx: Tx,
    worker: WorkerRow,
    { claimId, free }: Pick<ClaimRuns, 'claimId' | 'free'>,
    suitable: readonly Candidate[],
  ): Promise<RunRow[] | 'claimed already'> {
    const { manager } = tx;
    if (suitable.length === 0) return [];
    const keys = suitable.flatMap(({ concurrencyKey }) => concurrencyKey ?? []);
    await this.claims.lockNames(manager, [`claim:${claimId}`, ...keys.map((key) => `key:${key}`)]);
    if ((await this.runs.findClaim(manager, claimId)) !== null) return 'claimed already';
    const running = await this.claims.runningByKey(manager, keys);
    const taken: RunRow[] = [];
    const ids = suitable.map(({ id }) => id);
    for (const run of await this.runs.lockQueued(manager, ids, free)) {
      if (run.concurrencyKey !== null) {
        const count = running.get(run.concurrencyKey) ?? 0;
        if (count >= run.concurrencyLimit) continue;
        running.set(run.concurrencyKey, count + 1);
      }
      const moved = await this.lease(tx, worker, run);
      if (moved !== null) taken.push(moved);
    }
    if (taken.length > 0) {
      const runs = taken.map(({ id, leaseEpoch }) => ({ runId: id, epoch: leaseEpoch }));
      await this.runs.insertClaim(manager, { id: claimId, workerId: worker.id, runs, createdAt: this.clock() });
    }
    return taken;
  }

  private lease(tx: Tx, worker: WorkerRow, run: RunRow): Promise<RunRow | null> {
    const now = this.clock();
    return this.status.move(tx, run, 'claim', {
      to: 'running',
      reason: null,
      text: null,
      patch: {
        workerId: worker.id,
        workerName: worker.name,
        leaseExpiresAt: now + this.config.leaseMs,
        claimedAt: now,
        countedUntil: now,
        acknowledged: false,
        startedAt: run.startedAt ?? now,
        preparedAt: null,
        demo: isDemoOn(worker, run),
      },
    });
  }
}

/** What kinds of runs a worker can take at all, so that the line is not read for the others. */
function takenKinds(worker: WorkerRow): ('claude' | 'demo' | 'command')[] {
  const base = { requirements: [] };
  const claude = obstacle(worker, { ...base, executor: 'claude', demo: false }) === null;
  const demo = obstacle(worker, { ...base, executor: 'claude', demo: true }) === null;
  const command = obstacle(worker, { ...base, executor: 'command', demo: false }) === null;
  return [...(claude ? ['claude' as const] : demo ? ['demo' as const] : []), ...(command ? ['command' as const] : [])];
}

/** Of the runs of one key, no more than could run at once; the others would only be picked in vain. */
function withinKeys(candidates: readonly Candidate[]): Candidate[] {
  const picked = new Map<string, number>();
  return candidates.filter(({ concurrencyKey, concurrencyLimit }) => {
    if (concurrencyKey === null) return true;
    const count = (picked.get(concurrencyKey) ?? 0) + 1;
    picked.set(concurrencyKey, count);
    return count <= concurrencyLimit;
  });
}
