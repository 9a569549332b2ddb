import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ClaimedRun, ClaimRuns } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { racePoint } from '../common/race-point.js';
import type { Config } from '../config.js';
import { Database, type Work } from '../database/database.js';
import { allPoolsLock, lockNames, poolLock, type NameLocks } from '../database/name-locks.js';
import { isDuplicate, storeFault } from '../database/store-faults.js';
import { RunQueue, type WaitingClaim } from '../dispatch/run-queue.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { Meters } from '../metrics/meters.js';
import { WorkersService } from '../workers/workers.service.js';
import { ClaimLine, type Suitable } from './claim-line.js';
import { swapsAfter } from './claim-order.js';
import { ClaimRoom } from './claim-room.js';
import { isDemoOn, needsLogin } from './claim-rules.js';
import { ClaimWatch } from './claim-watch.js';
import { ClaimedRuns } from './claimed-runs.js';
import { ClaimsRepository, type Limits } from './claims.repository.js';
import { LoginsService } from './logins.service.js';
import { PromotionService } from './promotion.service.js';
import { traceClaim } from './run-spans.js';
import { RunStatus, type Tx } from './run-status.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

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
    @Inject(ClaimLine) private readonly line: ClaimLine,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(ClaimedRuns) private readonly claimed: ClaimedRuns,
    @Inject(ClaimWatch) private readonly watch: ClaimWatch,
    @Inject(PromotionService) private readonly promotion: PromotionService,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(LoginsService) private readonly logins: LoginsService,
    @Inject(Meters) private readonly meters: Meters,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // Every parked claim listens to it; Node would take the eleventh for a leak.
    setMaxListeners(0, this.stopping.signal);
  }

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
    let waiting: WaitingClaim | undefined;
    try {
      // As it is when it arrives; later looks read it again.
      let arrival: WorkerRow | undefined = await this.noteArrival(workerId);
      waiting = this.queue.enter(workerId, arrival.pools, ended.signal);
      while (!ended.signal.aborted) {
        // What is announced while it looks wakes it afterwards.
        waiting.looks();
        const worker = arrival;
        arrival = undefined;
        const look = async () => this.look(worker ?? (await this.workers.get(workerId)), { claimId, free });
        const runs = await this.patiently(until, ended.signal, look);
        waiting.took(runs.length);
        if (runs.length > 0) return runs;
        // Also without time to wait: whoever asks in a circle lets others have their turn.
        await waiting.woken(until - this.clock());
        if (this.clock() >= until) return [];
      }
      return [];
    } finally {
      waiting?.end();
      for (const one of ends) one.removeEventListener('abort', end);
    }
  }

  /**
   * A parked claim outlives a database that is away for a moment: sent away, its worker would only knock at the same door. What a
   * look has claimed without hearing of it, the next one finds under the claim's id.
   */
  private async patiently(until: number, ended: AbortSignal, look: () => Promise<ClaimedRun[]>): Promise<ClaimedRun[]> {
    try {
      return await look();
    } catch (error) {
      const leftMs = until - this.clock();
      if (leftMs <= 0 || storeFault(error) !== 'away') throw error;
      await delay(Math.min(leftMs, this.config.claimPollMs), undefined, { signal: ended }).catch(() => undefined);
      return [];
    }
  }

  /** One look into the database. */
  private async look(row: WorkerRow, { claimId, free }: Pick<ClaimRuns, 'claimId' | 'free'>): Promise<ClaimedRun[]> {
    const worker = await this.logins.withLiveProbe(row);
    const taken = await this.take(worker, claimId, free);
    if (taken.length > 0) return this.claimed.toClaimed(taken);
    const earlier = await this.runs.findClaim(this.database.read, claimId);
    return earlier === null ? [] : this.claimed.again(worker, earlier);
  }

  /**
   * A claim that arrives is a sign of life, noted at most three times per lease. One that waits is none: the line may be dead
   * behind it.
   */
  private async noteArrival(workerId: string): Promise<WorkerRow> {
    const worker = await this.workers.get(workerId);
    if (this.clock() - worker.lastSeenAt > this.config.leaseMs / 3) {
      await this.database.write((manager, afterCommit) => this.workers.seen({ manager, afterCommit }, worker, {}));
    }
    return worker;
  }

  /** Nothing is taken when the claim was answered before. */
  private async take(worker: WorkerRow, claimId: string, free: number): Promise<readonly RunRow[]> {
    const begunAt = this.clock();
    // Looking costs no transaction; that there is nothing to do is the usual answer.
    const look = () => this.line.suitable(this.database.read, worker, free);
    const [promoted, early] = await Promise.all([this.promotion.promoteDue(), look()]);
    const seen = promoted > 0 ? await look() : early;
    if (seen.runs.length === 0) return [];
    for (let round = 1; round <= maxRounds; round++) {
      const taken = await this.unlessClaimed(claimId, async (manager, afterCommit) => {
        const suitable = round === 1 ? seen : await this.line.suitable(manager, worker, free);
        return this.swap({ manager, afterCommit }, worker, { claimId, free }, suitable);
      });
      if (taken === 'claimed already') return [];
      if (taken.length === 0) continue;
      this.queue.claimed(taken.map(({ id, pool, leaseEpoch }) => ({ runId: id, pool, epoch: leaseEpoch - 1 })));
      for (const run of taken) {
        const { id: runId, taskId, leaseEpoch: epoch, attempt } = run;
        this.watch.claimed(run.pool);
        this.meters.runClaimed(run);
        traceClaim(run, begunAt);
        this.logger.info('run claimed', { runId, taskId, epoch, attempt, workerId: worker.id });
      }
      await racePoint('claim.committed');
      return taken;
    }
    return [];
  }

  /** What a claim takes is stored under its id. When there is such a claim already, everything is undone. */
  private async unlessClaimed<T>(claimId: string, work: Work<T>): Promise<T | 'claimed already'> {
    try {
      return await this.database.write(work);
    } catch (error) {
      const isKnown = isDuplicate(error) && (await this.runs.findClaim(this.database.read, claimId)) !== null;
      if (isKnown) return 'claimed already';
      throw error;
    }
  }

  /** Moves what is still free to the worker, in one transaction with the answer that a repeat of the claim gets. */
  private async swap(
    tx: Tx,
    worker: WorkerRow,
    { claimId, free }: Pick<ClaimRuns, 'claimId' | 'free'>,
    suitable: Suitable,
  ): Promise<RunRow[]> {
    const { manager } = tx;
    if (suitable.runs.length === 0) return [];
    await lockNames(manager, locksFor(suitable));
    const ids = suitable.runs.map(({ run }) => run.id);
    const queued = await this.claims.lockQueued(manager, ids, free);
    // A limit that was set since the look is counted under a lock of its own, so the next round does.
    if (queued.some((one) => isNewLimit(one, suitable.limits))) return [];
    const taken: RunRow[] = [];
    const room = await this.room(manager, queued);
    for (const { run, pool, maxRunning } of queued) {
      if (pool.paused || !room.take(run, pool.concurrency, maxRunning)) continue;
      const isProbe = worker.loginHold !== null && needsLogin(worker, run);
      if (isProbe && !(await this.logins.probe(tx, worker, { runId: run.id, epoch: run.leaseEpoch + 1 }))) continue;
      taken.push(await this.lease(tx, worker, run, isProbe));
    }
    if (taken.length > 0) await this.note(manager, { claimId, workerId: worker.id }, taken, suitable);
    return taken;
  }

  /** What works under the limits of these runs, counted while their locks are held; never from a counter that could drift. */
  private async room(manager: EntityManager, queued: readonly QueuedRun[]): Promise<ClaimRoom> {
    const keys = queued.flatMap(({ run }) => run.concurrencyKey ?? []);
    const isLimited = queued.some(({ pool, maxRunning }) => pool.concurrency !== null || maxRunning !== null);
    return new ClaimRoom({
      byKey: await this.claims.runningByKey(manager, keys),
      byPool: isLimited ? await this.workers.runningByPool(manager) : new Map(),
    });
  }

  /** Keeps the answer for a repeat, and sends the keys that were served to the end of the line. */
  private async note(
    manager: EntityManager,
    { claimId, workerId }: { claimId: string; workerId: string },
    taken: readonly RunRow[],
    suitable: Suitable,
  ): Promise<void> {
    const runs = taken.map(({ id, leaseEpoch }) => ({ runId: id, epoch: leaseEpoch }));
    this.runs.insertClaim(manager, { id: claimId, workerId, runs, createdAt: this.clock() });
    for (const pool of new Set(taken.map((run) => run.pool))) {
      const keys = taken.flatMap((run) => (run.pool === pool ? (run.concurrencyKey ?? []) : []));
      await this.claims.serve(manager, pool, [...new Set(keys)], this.clock());
    }
    const placed = suitable.runs.filter(({ run }) => taken.some(({ id }) => id === run.id));
    for (const swap of swapsAfter(placed)) await this.claims.swapPlace(manager, swap);
  }

  private lease(tx: Tx, worker: WorkerRow, run: RunRow, isProbe: boolean): Promise<RunRow> {
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
        // What it said to a worker before this one tells nothing about this one.
        lastEventAt: now,
        preparedAt: null,
        demo: isDemoOn(worker, run),
        isProbe,
      },
    });
  }
}

type QueuedRun = Awaited<ReturnType<ClaimsRepository['lockQueued']>>[number];

/** Where a limit is set, nobody else may claim under it at the same time; where none is, nobody may set one. */
function locksFor({ runs, limits }: Suitable): NameLocks {
  const keys = runs.flatMap(({ run }) => run.concurrencyKey ?? []);
  const limited = limits.pools.filter(({ concurrency }) => concurrency !== null).map(({ name }) => poolLock(name));
  const pools = runs.map(({ run }) => poolLock(run.pool));
  const isLimited = limits.maxRunning !== null;
  return {
    exclusive: [
      ...keys.map((key) => `key:${key}`),
      ...pools.filter((pool) => limited.includes(pool)),
      ...(isLimited ? [allPoolsLock] : []),
    ],
    shared: [...pools, ...(isLimited ? [] : [allPoolsLock])],
  };
}

function isNewLimit({ run, pool, maxRunning }: QueuedRun, seen: Limits): boolean {
  const isKnown = seen.pools.some(({ name, concurrency }) => name === run.pool && concurrency !== null);
  return (pool.concurrency !== null && !isKnown) || (maxRunning !== null && seen.maxRunning === null);
}
