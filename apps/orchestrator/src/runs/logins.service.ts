import { Inject, Injectable } from '@nestjs/common';
import type { LoginHoldKind, WorkerEvent } from '@corch/contract';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { RunQueue } from '../dispatch/run-queue.js';
import type { StoredHold, WorkerRow } from '../workers/worker.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import type { Tx } from './run-status.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** Why a login is held, and until when. */
export interface Refusal {
  readonly kind: LoginHoldKind;
  readonly message: string | null;
  /** Milliseconds; null: until somebody mends it. */
  readonly until: number | null;
}

/**
 * Keeps runs away from a login that does not work now, so that one run hits a plan limit or a bad key, and not a hundred. When the
 * time is over one run tries it; the rest follow when Claude has answered that one.
 */
@Injectable()
export class LoginsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Puts the login of the worker that had `run` on hold. One log line tells of it, however many runs hit it. */
  async hold(tx: Tx, run: RunRow, refusal: Refusal): Promise<void> {
    if (run.workerId === null || run.demo) return;
    const { workerId, workerName } = run;
    const before = (await this.workers.lock(tx.manager, workerId))?.loginHold ?? null;
    const isKnown = before?.kind === refusal.kind && before.probe === null;
    const since = isKnown ? before.since : this.clock();
    await this.workers.setLoginHold(tx, workerId, { ...refusal, since, probe: null });
    if (isKnown) return;
    const until = refusal.until === null ? null : new Date(refusal.until).toISOString();
    const { kind, message } = refusal;
    tx.afterCommit(() =>
      this.logger.error('login on hold', { workerId, worker: workerName, kind, until, reason: message }),
    );
  }

  /** The worker as claims shall see it: a run that was to try its login and is gone does not try it any more. */
  async withLiveProbe(worker: WorkerRow): Promise<WorkerRow> {
    const { loginHold } = worker;
    if (loginHold?.probe == null) return worker;
    const { runId, epoch } = loginHold.probe;
    const run = await this.runs.find(this.database.read, runId);
    const isLive = run?.status === 'running' && run.leaseEpoch === epoch;
    return isLive ? worker : { ...worker, loginHold: { ...loginHold, probe: null } };
  }

  /** Lets one run try the login. False when another one does already, or the hold has changed meanwhile. */
  async probe(tx: Tx, worker: WorkerRow, probe: NonNullable<StoredHold['probe']>): Promise<boolean> {
    const now = await this.workers.lock(tx.manager, worker.id);
    const seen = worker.loginHold;
    const hold = now?.loginHold ?? null;
    if (hold === null || hold.since !== seen?.since || hold.until !== seen.until) return false;
    await this.workers.setLoginHold(tx, worker.id, { ...hold, probe });
    return true;
  }

  /** The login works: the run that tried it got an answer. The rest may follow. */
  async release(tx: Tx, run: RunRow): Promise<void> {
    if (run.isProbe !== true || run.workerId === null) return;
    const worker = await this.workers.lock(tx.manager, run.workerId);
    this.runs.update(tx.manager, run.id, { isProbe: false });
    if (worker?.loginHold?.probe?.runId !== run.id) return;
    await this.workers.setLoginHold(tx, worker.id, null);
    tx.afterCommit(() => {
      this.logger.info('login works again', { workerId: worker.id, worker: worker.name });
      for (const pool of worker.pools) this.queue.wake(pool);
    });
  }
}

/** Whether lines of a run show that Claude answered. A text alone may be the refusal itself. */
export function showsAnswer(events: readonly WorkerEvent[]): boolean {
  return events.some(
    (event) =>
      event.type === 'tool_use' ||
      (event.type === 'turn_result' && !event.isError) ||
      (event.type === 'limit' && event.status.startsWith('allowed')),
  );
}
