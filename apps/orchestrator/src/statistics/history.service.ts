import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { History } from '@corch/contract';
import { DearAnswer } from '../common/dear-answer.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { beginOf, Cells, hourMs, hourOf, toHistory, type Cell, type HistoryWish } from './cells.js';
import { StatisticsRepository } from './statistics.repository.js';

const everyMs = 60_000;
/** An hour is summed up so long after its end, when every transaction of it is over. */
const graceMs = 120_000;
/** So much is read run by run when somebody asks. What is older and not summed up (after an upgrade) is waited for by nobody. */
const unsummedMs = 3 * hourMs;
/** Longer than any range, so that somebody can look back a year. */
const keepMs = 400 * 24 * hourMs;
const pageSize = 2_000;
/** One pass sums up no longer than this; the next goes on. */
const passMs = 20_000;

interface Wish extends Omit<HistoryWish, 'step'> {
  readonly step: HistoryWish['step'] | undefined;
}

/**
 * What ended in the past. Hours that are over are summed up once, each into a row per repository, status and reason that ended in it,
 * so a month is not read run by run; only what ended since is added up when somebody asks.
 */
@Injectable()
export class HistoryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly answers = new Map<string, DearAnswer<History>>();
  private isStopping = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(StatisticsRepository) private readonly rows: StatisticsRepository,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.add({ name: 'statistics', everyMs, on: 'one', run: () => this.sumUp() });
  }

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** With very many tasks an answer takes long; then it may be a few seconds old. */
  read({ range, step = range === '24h' ? 'hour' : 'day', groupBy }: Wish): Promise<History> {
    const wish = { range, step, groupBy };
    const key = `${range} ${step} ${groupBy}`;
    const answer = this.answers.get(key) ?? new DearAnswer(() => this.work(wish));
    this.answers.set(key, answer);
    return answer.get();
  }

  /** Sums up the hours that are over. Ends early when the orchestrator stops or it takes long; the next call goes on. */
  async sumUp(): Promise<void> {
    const end = performance.now() + passMs;
    const target = hourOf(this.clock() - graceMs);
    let from = (await this.rows.until(this.database.read)) ?? 0;
    while (!this.isStopping && performance.now() < end) {
      const first = await this.rows.firstEnd(this.database.read, from);
      if (first === null || hourOf(first) >= target) break;
      const hour = hourOf(first);
      const cells = await this.endedBetween(hour, hour + hourMs);
      from = hour + hourMs;
      await this.database.write(async (manager) => {
        await this.rows.store(manager, hour, cells, hour + hourMs);
        await this.rows.forget(manager, this.clock() - keepMs);
      });
    }
  }

  private async work(wish: HistoryWish): Promise<History> {
    const now = this.clock();
    const from = beginOf(wish, now);
    // In this order: what is summed up meanwhile is read from its runs once more, and nothing is counted twice.
    const until = Math.max((await this.rows.until(this.database.read)) ?? 0, from);
    const summed = (await this.rows.hours(this.database.read, from)).filter(({ hour }) => hour < until);
    const first = await this.rows.firstEnd(this.database.read, until);
    const recent = hourOf(now) - unsummedMs;
    const isPartial = first !== null && first < recent;
    const ended = await this.endedBetween(isPartial ? recent : until, Infinity);
    return toHistory(wish, [...summed, ...ended], now, isPartial);
  }

  private async endedBetween(from: number, before: number): Promise<Cell[]> {
    const cells = new Cells();
    const end = Number.isFinite(before) ? before : Number.MAX_SAFE_INTEGER;
    for (let after: { endedAt: number; id: string } | undefined = { endedAt: from, id: '' }; after !== undefined;) {
      const { runs, last } = await this.rows.ended(this.database.read, after, end, pageSize);
      for (const run of runs) cells.add(run);
      after = last;
    }
    return cells.all();
  }
}
