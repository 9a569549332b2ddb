import { Inject, Injectable } from '@nestjs/common';
import {
  protocolVersion,
  version,
  type EditPool,
  type Login,
  type Pool,
  type RegisterWorker,
  type Worker,
} from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { TokensService } from '../auth/tokens.service.js';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { ControlFeed } from './control-feed.js';
import type { PoolRow } from './pool.entity.js';
import type { WorkerRow } from './worker.entity.js';
import { WorkersRepository } from './workers.repository.js';

/** Who the workers are, when they were seen, and the pools that they serve. What they run is `runs/`. */
@Injectable()
export class WorkersService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WorkersRepository) private readonly workers: WorkersRepository,
    @Inject(TokensService) private readonly tokens: TokensService,
    @Inject(ControlFeed) private readonly control: ControlFeed,
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
          hint: 'Make another with POST /api/v1/enrolments; each enrols one worker within an hour.',
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
        capacity: 0,
        pools: [],
        labels: [],
        lostAfterMs: 0,
        enrolledAt: now,
        registeredAt: null,
        lastSeenAt: now,
      });
      return this.tokens.mintWorkerToken(manager, workerId);
    });
    this.logger.info('worker enrolled', { workerId, name });
    return { workerId, token };
  }

  /**
   * Stores what a worker says about itself and makes the pools that it serves.
   * @throws AppError `worker_outdated` when it speaks another protocol.
   */
  async register(workerId: string, input: RegisterWorker): Promise<WorkerRow> {
    if (input.protocol !== protocolVersion) {
      throw new AppError(
        'worker_outdated',
        `The worker ${input.version} speaks protocol ${input.protocol}; this orchestrator ${version} speaks ${protocolVersion}.`,
        { hint: `Bring the worker to version ${version}.` },
      );
    }
    const { protocol: _protocol, held: _held, ...facts } = input;
    const now = this.clock();
    const row = await this.database.write(async (manager, afterCommit) => {
      const known = await this.workers.update(manager, workerId, { ...facts, registeredAt: now, lastSeenAt: now });
      if (!known) throw new AppError('unauthenticated', 'This worker was removed.');
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

  /** Notes a sign of life, and a login that changed. */
  async seen(manager: EntityManager, workerId: string, login?: Login): Promise<void> {
    await this.workers.update(manager, workerId, { lastSeenAt: this.clock(), ...(login && { login }) });
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

  /** Its token stops working at once; what it runs is lost when the leases have expired, unless it ends it itself before. */
  async remove(workerId: string): Promise<void> {
    const removed = await this.database.write(async (manager) => {
      await this.tokens.revokeWorkerTokens(manager, workerId);
      return this.workers.delete(manager, workerId);
    });
    if (!removed) throw new AppError('worker_not_found', `There is no worker ${workerId}.`);
    this.control.push(workerId, { type: 'removed' });
    this.changes.changed('worker', workerId);
    this.logger.info('worker removed', { workerId });
  }

  poolRows(manager: EntityManager = this.database.read): Promise<PoolRow[]> {
    return this.workers.pools(manager);
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
    return pools.map(({ name, paused }) => ({
      name,
      paused,
      queued: queued.get(name) ?? 0,
      running: running.get(name) ?? 0,
      workersOnline: online.filter((worker) => worker.pools.includes(name)).length,
    }));
  }

  async editPool(name: string, { paused }: EditPool): Promise<Pool> {
    const known = await this.database.write((manager) => this.workers.pausePool(manager, name, paused));
    const pool = known ? (await this.pools()).find((candidate) => candidate.name === name) : undefined;
    if (pool === undefined) throw new AppError('pool_not_found', `There is no pool \`${name}\`.`);
    this.changes.changed('pool', name);
    this.logger.info(paused ? 'pool paused' : 'pool resumed', { pool: name });
    return pool;
  }
}

function toWorker(row: WorkerRow, isOnline: boolean): Omit<Worker, 'running'> {
  return {
    id: row.id,
    name: row.name,
    state: isOnline ? 'online' : 'offline',
    host: row.host,
    os: row.os,
    arch: row.arch,
    version: row.version,
    nodeVersion: row.nodeVersion,
    claude: row.claude,
    login: row.login,
    allowCommands: row.allowCommands,
    pools: row.pools,
    labels: row.labels,
    capacity: row.capacity,
    registeredAt: new Date(row.registeredAt ?? row.enrolledAt).toISOString(),
    lastSeenAt: new Date(row.lastSeenAt).toISOString(),
  };
}

function isoOrNull(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}
