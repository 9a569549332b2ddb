import { Inject, Injectable } from '@nestjs/common';
import {
  compatibility,
  ownRelease,
  type EditPool,
  type Heartbeat,
  type Pool,
  type RegisterWorker,
  type Worker,
  type WorkerMode,
  type WorkerOrder,
} from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { TokensService } from '../auth/tokens.service.js';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database, type AfterCommit } from '../database/database.js';
import { lockNames, poolLock } from '../database/name-locks.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { ControlFeed } from './control-feed.js';
import { outdatedText } from './outdated-text.js';
import type { PoolRow } from './pool.entity.js';
import type { StoredHold, WorkerRow } from './worker.entity.js';
import { WorkersRepository } from './workers.repository.js';

/** A running transaction. */
export interface WorkersTx {
  readonly manager: EntityManager;
  readonly afterCommit: AfterCommit;
}

/** Who the workers are, when they were seen, and the pools that they serve. What they run is `runs/`. */
@Injectable()
export class WorkersService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WorkersRepository) private readonly workers: WorkersRepository,
    @Inject(TokensService) private readonly tokens: TokensService,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Uses an enrolment up for a new worker and its token. */
  async enrol(enrolmentId: string, name: string): Promise<{ workerId: string; token: string }> {
    const now = this.clock();
    const workerId = newId('worker', now);
    const token = await this.database.write(async (manager) => {
      if (!(await this.tokens.spendEnrolment(manager, enrolmentId))) {
        throw new AppError('unauthenticated', 'The enrolment token was used already or has expired.', {
          hint: 'Make another with `corch worker enrol`; each enrols one worker within an hour.',
        });
      }
      await this.workers.insert(manager, {
        id: workerId,
        name,
        host: '',
        os: '',
        arch: '',
        version: '',
        nodeVersion: '',
        claude: { path: '', version: null, problem: 'The worker has not registered yet.' },
        login: { kind: 'none', label: null },
        allowCommands: false,
        canDeliver: false,
        capacity: 0,
        pools: [],
        labels: [],
        lostAfterMs: 0,
        handOverMs: null,
        enrolledAt: now,
        registeredAt: null,
        lastSeenAt: now,
        mode: 'active',
        drainBy: null,
        loginHold: null,
        trouble: null,
        disk: null,
      });
      return this.tokens.mintWorkerToken(manager, workerId);
    });
    this.logger.info('worker enrolled', { workerId, name });
    return { workerId, token };
  }

  /**
   * Stores what a worker says about itself and makes the pools that it serves.
   * @throws AppError `worker_outdated` or `orchestrator_outdated` when the two do not understand each other.
   */
  async register(workerId: string, input: RegisterWorker, handOverMs: number | null = null): Promise<WorkerRow> {
    const misfit = compatibility(input, ownRelease);
    if (misfit !== null) {
      this.logger.warn('worker refused', { workerId, version: input.version, reason: misfit.message });
      throw new AppError(`${misfit.outdated}_outdated`, misfit.message, { hint: misfit.hint });
    }
    const { protocol: _protocol, held: _held, ...facts } = input;
    const now = this.clock();
    const row = await this.database.write(async (manager, afterCommit) => {
      const before = await this.workers.lock(manager, workerId);
      if (before === null) throw new AppError('unauthenticated', 'This worker was removed.');
      // Somebody who starts a worker again may have mended its login: one run tries it.
      const loginHold = tryAgain(before.loginHold, now);
      const isRefused = before.loginHold?.kind !== 'usage_limit';
      const change = { ...facts, handOverMs, registeredAt: now, lastSeenAt: now, ...(isRefused && { loginHold }) };
      await this.workers.update(manager, workerId, change);
      await this.workers.addPools(manager, facts.pools, now);
      afterCommit(() => {
        this.changes.changed('worker', workerId);
        for (const pool of facts.pools) this.changes.changed('pool', pool);
      });
      return this.workers.find(manager, workerId);
    });
    if (row === null) throw new AppError('unauthenticated', 'This worker was removed.');
    this.logger.info('worker registered', { workerId, name: row.name, capacity: row.capacity, pools: row.pools });
    return row;
  }

  /**
   * Notes a sign of life, and what the worker says about itself. After a new sign-in one run tries the login. `told`: after how long
   * a silence it is told to give up its runs; a shorter time than it knew counts once it has said that it heard of it.
   */
  async seen(
    { manager, afterCommit }: WorkersTx,
    before: WorkerRow,
    { login, trouble, disk, handOverMs: known }: Omit<Heartbeat, 'held'>,
    told: number | null = null,
  ): Promise<void> {
    const now = this.clock();
    const isNewLogin = login !== undefined && JSON.stringify(login) !== JSON.stringify(before.login);
    const isNews = isNewLogin || (trouble !== undefined && trouble !== before.trouble);
    const hold = isNewLogin ? tryAgain((await this.workers.lock(manager, before.id))?.loginHold ?? null, now) : null;
    await this.workers.update(manager, before.id, {
      lastSeenAt: now,
      ...(isNewLogin && { login }),
      ...(trouble !== undefined && { trouble }),
      ...(disk !== undefined && { disk }),
      ...(hold !== null && { loginHold: hold }),
      ...(told !== null && { handOverMs: Math.max(known ?? before.handOverMs ?? 0, told) }),
    });
    if (isNews || !this.isOnline(before)) afterCommit(() => this.changes.changed('worker', before.id));
  }

  /** The worker, locked; null when it was removed. */
  lock(manager: EntityManager, workerId: string): Promise<WorkerRow | null> {
    return this.workers.lock(manager, workerId);
  }

  async setLoginHold({ manager, afterCommit }: WorkersTx, workerId: string, hold: StoredHold | null): Promise<void> {
    await this.workers.update(manager, workerId, { loginHold: hold });
    afterCommit(() => this.changes.changed('worker', workerId));
  }

  /** What the worker is told to do. */
  orderFor({ mode, drainBy }: Pick<WorkerRow, 'mode' | 'drainBy'>): WorkerOrder {
    return { mode, drainMs: drainBy === null ? null : Math.max(0, drainBy - this.clock()) };
  }

  /**
   * Says what a worker shall do from now on, also over its restarts. With `active` one run tries a login that was on hold at once.
   * @throws AppError `worker_not_found`.
   */
  async setMode(workerId: string, mode: WorkerMode, graceMs: number | null = null): Promise<Worker> {
    const drainBy = graceMs === null ? null : this.clock() + graceMs;
    await this.database.write(async (manager) => {
      const before = await this.workers.lock(manager, workerId);
      if (before === null) throw new AppError('worker_not_found', `There is no worker ${workerId}.`);
      const loginHold = mode === 'active' ? tryAgain(before.loginHold, this.clock()) : before.loginHold;
      await this.workers.update(manager, workerId, { mode, drainBy, loginHold });
    });
    this.control.push(workerId, { type: 'mode', ...this.orderFor({ mode, drainBy }) });
    this.changes.changed('worker', workerId);
    this.logger.info('worker mode set', { workerId, mode, graceMs });
    const worker = (await this.list()).find(({ id }) => id === workerId);
    if (worker === undefined) throw new AppError('worker_not_found', `The worker ${workerId} has not registered yet.`);
    return worker;
  }

  /** @throws AppError `unauthenticated` when the worker was removed. */
  async get(workerId: string): Promise<WorkerRow> {
    const row = await this.workers.find(this.database.read, workerId);
    if (row === null) throw new AppError('unauthenticated', 'This worker was removed.');
    return row;
  }

  findMany(manager: EntityManager, ids: readonly string[]): Promise<WorkerRow[]> {
    return this.workers.findMany(manager, ids);
  }

  /** Every registered worker. */
  rows(): Promise<WorkerRow[]> {
    return this.workers.list(this.database.read);
  }

  /** A worker is online while its last sign of life is younger than a lease. */
  isOnline(worker: Pick<WorkerRow, 'lastSeenAt'>): boolean {
    return worker.lastSeenAt > this.clock() - this.config.leaseMs;
  }

  async list(): Promise<Worker[]> {
    const [rows, running] = await Promise.all([this.rows(), this.workers.running(this.database.read)]);
    return rows.map((row) => ({
      ...toWorker(row, this.isOnline(row)),
      running: running
        .filter(({ workerId }) => workerId === row.id)
        .map(({ runId, taskId, title, startedAt }) => ({ runId, taskId, title, startedAt: isoOrNull(startedAt) })),
    }));
  }

  /** Its tokens, and those of its runs, stop working with the commit, and it is told to end everything. False when there is none. */
  async remove({ manager, afterCommit }: WorkersTx, workerId: string): Promise<boolean> {
    await this.tokens.revokeWorkerTokens(manager, workerId);
    if (!(await this.workers.delete(manager, workerId))) return false;
    afterCommit(() => {
      this.control.push(workerId, { type: 'removed' });
      this.changes.changed('worker', workerId);
      this.logger.info('worker removed', { workerId });
    });
    return true;
  }

  poolRows(manager: EntityManager = this.database.read): Promise<PoolRow[]> {
    return this.workers.pools(manager);
  }

  /** How many runs work in each pool. */
  runningByPool(manager: EntityManager): Promise<Map<string, number>> {
    return this.workers.countByPool(manager, 'running');
  }

  /** How long workers of each pool may be away at most, in milliseconds, by the pool's name. */
  async lostAfterCaps(): Promise<(pool: string) => number> {
    const caps = new Map((await this.poolRows()).map(({ name, lostAfterCapMs }) => [name, lostAfterCapMs]));
    return (pool) => caps.get(pool) ?? this.config.lostAfterCapMs;
  }

  /**
   * So long after its last sign of life runs of the worker may be given to others: by the strictest of its pools, since a worker
   * gives up what it runs all at once.
   */
  async handOverMs({ pools, lostAfterMs }: Pick<WorkerRow, 'pools' | 'lostAfterMs'>): Promise<number> {
    const capOf = await this.lostAfterCaps();
    const { leaseMs } = this.config;
    return Math.max(leaseMs, Math.min(lostAfterMs, ...pools.map(capOf)));
  }

  async pools(): Promise<Pool[]> {
    const { read } = this.database;
    const [pools, workers, queued, running] = await Promise.all([
      this.poolRows(),
      this.rows(),
      this.workers.countByPool(read, 'queued'),
      this.workers.countByPool(read, 'running'),
    ]);
    const online = workers.filter((worker) => this.isOnline(worker));
    return pools.map(({ name, paused, concurrency, lostAfterCapMs }) => ({
      name,
      paused,
      concurrency,
      lostAfterCapSeconds: lostAfterCapMs === null ? null : lostAfterCapMs / 1000,
      queued: queued.get(name) ?? 0,
      running: running.get(name) ?? 0,
      workersOnline: online.filter((worker) => worker.pools.includes(name)).length,
    }));
  }

  /**
   * What is not named stays. From the answer on nothing is claimed from a paused pool, and no claim exceeds a new limit.
   * @throws AppError `pool_not_found`.
   */
  async editPool(name: string, edit: EditPool): Promise<Pool> {
    const known = await this.database.write(async (manager) => {
      await lockNames(manager, { exclusive: [poolLock(name)] });
      return this.workers.updatePool(manager, name, edit);
    });
    const pool = known ? (await this.pools()).find((candidate) => candidate.name === name) : undefined;
    if (pool === undefined) throw new AppError('pool_not_found', `There is no pool \`${name}\`.`);
    this.changes.changed('pool', name);
    this.queue.wake(name);
    this.logger.info('pool changed', { pool: name, ...edit });
    return pool;
  }
}

/** The hold as it is when one run shall try the login now. */
function tryAgain(hold: StoredHold | null, now: number): StoredHold | null {
  return hold && { ...hold, until: now, probe: null };
}

function toHold({ kind, message, since, until }: StoredHold): Worker['loginHold'] {
  return { kind, message, since: new Date(since).toISOString(), until: isoOrNull(until) };
}

function toWorker(row: WorkerRow, isOnline: boolean): Omit<Worker, 'running'> {
  return {
    id: row.id,
    name: row.name,
    state: isOnline ? 'online' : 'offline',
    mode: row.mode,
    drainBy: isoOrNull(row.drainBy),
    trouble: row.trouble,
    outdated: outdatedText(row),
    loginHold: row.loginHold && toHold(row.loginHold),
    host: row.host,
    os: row.os,
    arch: row.arch,
    version: row.version,
    nodeVersion: row.nodeVersion,
    claude: row.claude,
    login: row.login,
    allowCommands: row.allowCommands,
    canDeliver: row.canDeliver,
    pools: row.pools,
    labels: row.labels,
    capacity: row.capacity,
    disk: row.disk,
    registeredAt: new Date(row.registeredAt ?? row.enrolledAt).toISOString(),
    lastSeenAt: new Date(row.lastSeenAt).toISOString(),
  };
}

function isoOrNull(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}
