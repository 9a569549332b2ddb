import { Inject, Injectable } from '@nestjs/common';
import type { ClaimedRun, Heartbeat, HeldRun, RegisterWorker, ReportStart, WorkerOrder } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { CLOCK, CONFIG, type Clock } from '../common/tokens.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { WorkersService } from '../workers/workers.service.js';
import { ClaimedRuns } from './claimed-runs.js';
import { RunFeed } from './run-feed.js';
import { spentMs } from './run-time.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

type RegisteredRun = HeldRun & { state: 'resume' | 'stale'; run?: ClaimedRun };
type HeartbeatRun = HeldRun & { state: 'held' | 'stale'; cancel: boolean; inboxN: number };

/** What workers say about the runs that they hold. It renews leases and moves no status. */
@Injectable()
export class LeasesService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ClaimedRuns) private readonly claimed: ClaimedRuns,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Registers a worker; of the runs that it believes it holds, says which go on. Those get a fresh lease. */
  async register(
    workerId: string,
    input: RegisterWorker,
  ): Promise<WorkerOrder & { handOverMs: number; held: RegisteredRun[] }> {
    const handOverMs = await this.workers.handOverMs(input);
    const worker = await this.workers.register(workerId, input, handOverMs);
    const held = await this.database.write((manager) => this.renew(manager, workerId, input.held));
    const claimed = await this.claimed.toClaimed(held);
    const answers = input.held.map(({ runId, epoch }): RegisteredRun => {
      const run = claimed.find((one) => one.runId === runId && one.epoch === epoch);
      return run === undefined ? { runId, epoch, state: 'stale' } : { runId, epoch, state: 'resume', run };
    });
    return { ...this.workers.orderFor(worker), handOverMs, held: answers };
  }

  /** Renews the leases of the runs that are listed, as far as the worker still holds them. */
  async heartbeat(
    workerId: string,
    { held, ...said }: Heartbeat,
  ): Promise<WorkerOrder & { handOverMs: number; runs: HeartbeatRun[] }> {
    const before = await this.workers.get(workerId);
    const handOverMs = await this.workers.handOverMs(before);
    const renewed = await this.database.write(async (manager, afterCommit) => {
      // Runs before workers, as everybody locks them.
      const runs = await this.renew(manager, workerId, held);
      await this.workers.seen({ manager, afterCommit }, before, said, handOverMs);
      return runs;
    });
    const runs = held.map(({ runId, epoch }): HeartbeatRun => {
      const run = renewed.find((one) => one.id === runId && one.leaseEpoch === epoch);
      if (run === undefined) return { runId, epoch, state: 'stale', cancel: true, inboxN: 0 };
      return { runId, epoch, state: 'held', cancel: run.cancelRequestedAt !== null, inboxN: run.inboxN };
    });
    return { ...this.workers.orderFor(before), handOverMs, runs };
  }

  /** Runs of a worker that it shall end; told once more when its control stream opens, which replays nothing. */
  toCancel(workerId: string): Promise<RunRow[]> {
    return this.runs.toCancel(this.database.read, workerId);
  }

  /** What the worker shall do; told when its control stream opens. */
  async order(workerId: string): Promise<WorkerOrder> {
    return this.workers.orderFor(await this.workers.get(workerId));
  }

  /** Notes where a run works, and that its child starts. Said again (after a resume) it replaces what was known. */
  async reportStart(runId: string, { epoch, branch, baseCommit }: ReportStart): Promise<void> {
    await this.database.write(async (manager, afterCommit) => {
      const run = await this.current(manager, runId, epoch);
      const preparedAt = run.preparedAt ?? this.clock();
      const facts = { branch, baseCommit, preparedAt, acknowledged: true, workedEpoch: epoch };
      this.runs.update(manager, runId, facts);
      afterCommit(() => {
        this.feed.notify(runId);
        this.changes.changed('task', run.taskId);
      });
    });
  }

  /**
   * The run, locked, when `epoch` is the one that holds it.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  async current(manager: EntityManager, runId: string, epoch: number): Promise<RunRow> {
    const run = await this.runs.lock(manager, runId);
    if (run === null) throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
    if (run.status !== 'running' || run.leaseEpoch !== epoch) throw staleLease(run, epoch);
    return run;
  }

  /** Returns the runs of `held` that this worker holds, with their leases renewed. */
  private async renew(manager: EntityManager, workerId: string, held: readonly HeldRun[]): Promise<RunRow[]> {
    const now = this.clock();
    const renewed: RunRow[] = [];
    // In the order of their ids, like everybody who locks several runs.
    for (const { runId, epoch } of [...held].sort((a, b) => (a.runId < b.runId ? -1 : 1))) {
      const run = await this.runs.lock(manager, runId);
      if (run?.status !== 'running' || run.leaseEpoch !== epoch || run.workerId !== workerId) continue;
      const lease = {
        spentMs: spentMs(run, now),
        countedUntil: now,
        leaseExpiresAt: now + this.config.leaseMs,
        acknowledged: true,
      };
      this.runs.update(manager, runId, lease);
      renewed.push({ ...run, ...lease });
    }
    return renewed;
  }
}

/** What a worker hears when another epoch holds the run, or nobody. */
export function staleLease(run: RunRow, epoch: number): AppError {
  const now =
    run.leaseEpoch === epoch ? `The run is ${run.status}` : `Epoch ${epoch} was replaced by ${run.leaseEpoch}`;
  return new AppError('stale_lease', `${now}: run ${run.id} is not yours any more.`, { currentStatus: run.status });
}
