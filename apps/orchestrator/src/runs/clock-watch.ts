import { Inject, Injectable } from '@nestjs/common';
import { Mutex } from 'async-mutex';
import { CLOCK, CONFIG, LOGGER, MONOTONIC, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { between, type Reading } from './clock-jump.js';
import { ClockShiftsRepository } from './clock-shifts.repository.js';
import { RunsRepository } from './runs.repository.js';

/**
 * Before anything is judged by its age: notices that the wall clock was set, that this process stood still or that its database took
 * nothing, and gives every lease a fresh window then. Nobody could be heard, so nobody is to blame.
 */
@Injectable()
export class ClockWatch {
  private last: Reading;
  private readonly mutex = new Mutex();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ClockShiftsRepository) private readonly shifts: ClockShiftsRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONOTONIC) private readonly monotonic: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.last = this.read();
  }

  /** To be called every `reapMs`. A call that fails changes nothing, and the next one sees the whole time since the last good one. */
  mend(): Promise<void> {
    return this.mutex.runExclusive(async () => {
      const now = this.read();
      // Less than half a lease harms nobody: workers renew six times within one.
      const toleranceMs = this.config.leaseMs / 2;
      const { jumpMs, passedMs } = between(this.last, now, toleranceMs);
      const wasAway = passedMs > this.config.reapMs + toleranceMs || this.database.outage.ms() > toleranceMs;
      if (jumpMs !== 0) await this.followJump(jumpMs, passedMs, now.wall);
      else if (wasAway) await this.refresh(now.wall);
      // A database that does not answer lets nobody renew: this call does not count then.
      else await this.database.ping();
      this.settled(now);
    });
  }

  /**
   * The moment by which ages are judged: never later than what the clock said when it was looked at, so that one that was set since
   * then makes nobody old before the next look.
   */
  judged(): number {
    return Math.min(this.last.wall, this.clock());
  }

  /** Gives every live lease a fresh window, whatever happened. For the start, before which nobody watched the clock. */
  refreshLeases(): Promise<void> {
    return this.mutex.runExclusive(async () => {
      const now = this.read();
      // Who was seen in the future was seen before the clock was set back; the time between is not known, and was short.
      const aheadMs = (await this.shifts.lastSeenAt(this.database.read)) - now.wall;
      if (aheadMs > this.config.leaseMs / 2) await this.followJump(-aheadMs, 0, now.wall);
      else await this.refresh(now.wall);
      this.settled(now);
    });
  }

  private async refresh(now: number): Promise<void> {
    const runs = await this.database.write((manager) => this.runs.refreshLeases(manager, now, this.config.leaseMs));
    if (runs > 0) this.logger.info('leases refreshed', { runs });
  }

  private async followJump(jumpMs: number, passedMs: number, now: number): Promise<void> {
    const jump = { jumpMs, since: now - passedMs, now };
    const moved = await this.database.write(async (manager) => {
      const runs = await this.runs.refreshLeases(manager, now, this.config.leaseMs);
      const queued = await this.shifts.queued(manager, jump);
      const pauses = await this.shifts.pauses(manager, jump);
      await this.shifts.workers(manager, jump);
      return { runs, queued, pauses };
    });
    this.logger.warn('clock jumped, leases and queue follow it', { seconds: Math.round(jumpMs / 1000), ...moved });
  }

  private settled(now: Reading): void {
    this.last = now;
    this.database.outage.forget();
  }

  private read(): Reading {
    return { wall: this.clock(), monotonic: this.monotonic() };
  }
}
