import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RunRow } from '../runs/run.entity.js';

export const liveStatuses = ['scheduled', 'queued', 'running', 'waiting'] as const;

export interface LiveCount {
  readonly pool: string;
  readonly status: (typeof liveStatuses)[number];
  readonly count: number;
  readonly oldestReadyAt: number;
}

/** Counts runs that have not ended. One look per status, since each has a small index of its own. */
@Injectable()
export class LiveRuns {
  async count(manager: EntityManager): Promise<LiveCount[]> {
    return (await Promise.all(liveStatuses.map((status) => this.countOf(manager, status)))).flat();
  }

  /** Runs whose worker has not been heard of for a lease. */
  countOverdue(manager: EntityManager, now: number): Promise<number> {
    return manager
      .createQueryBuilder(RunRow, 'r')
      .where(`r.status = 'running' AND r.leaseExpiresAt <= :now`, { now })
      .getCount();
  }

  private async countOf(manager: EntityManager, status: LiveCount['status']): Promise<LiveCount[]> {
    const rows = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.pool', 'pool')
      .addSelect('count(*)', 'count')
      .addSelect('min(r.readyAt)', 'oldest')
      .where(`r.status = '${status}'`)
      .groupBy('r.pool')
      .getRawMany<{ pool: string; count: number | string; oldest: number | string }>();
    return rows.map(({ pool, count, oldest }) => ({
      pool,
      status,
      count: Number(count),
      oldestReadyAt: Number(oldest),
    }));
  }
}
