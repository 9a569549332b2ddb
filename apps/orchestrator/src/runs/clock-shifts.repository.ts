import { Injectable } from '@nestjs/common';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import { WorkerRow } from '../workers/worker.entity.js';
import { RunRow } from './run.entity.js';

/** A clock that was set by `jumpMs`, to `now`, after `since` by its new time: what was written later carries the new time already. */
export interface Jump {
  readonly jumpMs: number;
  readonly since: number;
  readonly now: number;
}

/** A time, moved along, but never into the future: nobody waits until then for what was ready, or was seen, before. */
const moved = (column: string) => `CASE WHEN ${column} + :jumpMs > :now THEN :now ELSE ${column} + :jumpMs END`;
const writtenBefore = (column: string) => `(${column} <= :since OR ${column} > :now)`;

/**
 * Moves stored times along with a clock that was set. Not moved is what was meant by the clock on the wall: `start_at`, the reset of
 * a plan limit. Each is one statement over the rows that wait, by an index; moving twice (two orchestrators on one database) leaves
 * nothing waiting that would not.
 */
@Injectable()
export class ClockShiftsRepository {
  /** When any worker was heard from last; 0 when none ever was. */
  async lastSeenAt(manager: EntityManager): Promise<number> {
    const query = manager.createQueryBuilder(WorkerRow, 'w').select('max(w.lastSeenAt)', 'last');
    return Number((await query.getRawOne<{ last: number | string | null }>())?.last ?? 0);
  }

  /** Keeps the order of the lines: what is queued from now on stays behind what was queued before. */
  queued(manager: EntityManager, jump: Jump): Promise<number> {
    return this.shift(manager, RunRow, jump, `status = 'queued' AND ${writtenBefore('created_at')}`, {
      readyAt: () => moved('ready_at'),
      dispatchKey: () => `dispatch_key + ${moved('ready_at')} - ready_at`,
      turnKey: () => `turn_key + ${moved('ready_at')} - ready_at`,
    });
  }

  /** Keeps what is left of a pause before the next run. A jump forward moves only those pauses that it would have ended. */
  pauses(manager: EntityManager, jump: Jump): Promise<number> {
    const isConcerned = jump.jumpMs > 0 ? 'ready_at <= :now' : 'ready_at > :now';
    const condition = `status = 'scheduled' AND reason = 'retry_backoff' AND ${isConcerned} AND ${writtenBefore('created_at')}`;
    return this.shift(manager, RunRow, jump, condition, {
      readyAt: () => 'ready_at + :jumpMs',
      dispatchKey: () => 'dispatch_key + :jumpMs',
      turnKey: () => 'turn_key + :jumpMs',
    });
  }

  /** Keeps for how long workers were silent, and how long those that drain still may take. */
  async workers(manager: EntityManager, jump: Jump): Promise<void> {
    await this.shift(manager, WorkerRow, jump, writtenBefore('last_seen_at'), {
      lastSeenAt: () => moved('last_seen_at'),
    });
    await this.shift(manager, WorkerRow, jump, 'drain_by IS NOT NULL', { drainBy: () => 'drain_by + :jumpMs' });
  }

  private async shift(
    manager: EntityManager,
    entity: typeof RunRow | typeof WorkerRow,
    jump: Jump,
    condition: string,
    set: ObjectLiteral,
  ): Promise<number> {
    const update = manager.createQueryBuilder().update<ObjectLiteral>(entity).set(set).where(condition);
    return (await update.setParameters({ ...jump }).execute()).affected ?? 0;
  }
}
