import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { version } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { newId } from '../common/ids.js';
import type { Logger } from '../common/logger.js';
import type { Pulse } from '../common/pulse.js';
import { StartError } from '../common/start-error.js';
import type { Database } from '../database/database.js';
import type { ServerClock } from '../database/server-clock.js';
import { beatMs, goneMs, keptOutBy } from './admission-rules.js';
import { InstanceRow } from './instance.entity.js';

const lookMs = 500;

export interface InstanceOptions {
  readonly database: Database;
  readonly clock: () => number;
  /** With Redis others may be beside it. */
  readonly isShared: boolean;
  /** The clock that all of them follow, where they do. */
  readonly serverClock: ServerClock | null;
  readonly pulse: Pulse;
  readonly logger: Logger;
  /** Called when another has taken this one's place: it must end. */
  readonly superseded: () => void;
}

/** This orchestrator among those on its PostgreSQL database: it says that it lives, until it leaves. */
export class Instance {
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;

  private constructor(
    private readonly row: InstanceRow,
    private readonly options: InstanceOptions,
  ) {}

  /**
   * Enters when nobody is there who has to be alone. Of another machine's orchestrator that fell silent it takes up to 15 s to know
   * that it is gone.
   * @throws StartError `orchestrator_running`.
   */
  static async enter(options: InstanceOptions): Promise<Instance> {
    const { clock, isShared } = options;
    const row = { id: newId('instance', clock()), host: hostname(), pid: process.pid, version, isShared };
    const instance = new Instance(
      { ...row, startedAt: clock(), lastSeenAt: clock(), memoryBytes: process.memoryUsage.rss() },
      options,
    );
    const seen = new Map<string, number>();
    for (;;) {
      const by = await instance.tryToEnter();
      if (by === undefined) break;
      if (by.lastSeenAt > (seen.get(by.id) ?? by.lastSeenAt)) throw refused(by, isShared);
      if (seen.size === 0)
        options.logger.info('waiting whether another orchestrator lives', { host: by.host, pid: by.pid });
      seen.set(by.id, seen.get(by.id) ?? by.lastSeenAt);
      await delay(lookMs);
    }
    instance.timer = setInterval(() => instance.beatSoon(), beatMs).unref();
    return instance;
  }

  /** Others need not wait for it. */
  async leave(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    const { id } = this.row;
    await this.options.database
      .write((manager) => manager.createQueryBuilder().delete().from(InstanceRow).where({ id }).execute())
      .catch((error: unknown) => this.options.logger.warn('the orchestrator is still listed as running', { error }));
  }

  /** One at a time looks and enters. */
  private tryToEnter(): Promise<InstanceRow | undefined> {
    const { database, clock, isShared } = this.options;
    return database.write(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [entryLock]);
      const others = await manager.createQueryBuilder(InstanceRow, 'i').getMany();
      const by = keptOutBy(isShared, others, clock(), isKnownDead);
      if (by !== undefined) return by;
      const before = clock() - goneMs;
      await manager
        .createQueryBuilder()
        .delete()
        .from(InstanceRow)
        .where('last_seen_at <= :before', { before })
        .execute();
      if (!isShared) await manager.createQueryBuilder().delete().from(InstanceRow).execute();
      await manager
        .createQueryBuilder()
        .insert()
        .into(InstanceRow)
        .values({ ...this.row, lastSeenAt: clock() })
        .execute();
      return undefined;
    });
  }

  private beatSoon(): void {
    this.beating ??= this.beat()
      .catch((error: unknown) => this.options.logger.warn('the sign of life was not stored', { error }))
      .finally(() => (this.beating = undefined));
  }

  private async beat(): Promise<void> {
    const { database, clock, serverClock, isShared, pulse, superseded } = this.options;
    if (serverClock !== null) await serverClock.follow(() => database.serverTime());
    const row = { ...this.row, lastSeenAt: clock(), memoryBytes: process.memoryUsage.rss() };
    const isListed = await database.write(async (manager) => {
      const result = await manager.createQueryBuilder().update(InstanceRow).set(row).where({ id: row.id }).execute();
      if (result.affected === 1 || !isShared) return result.affected === 1;
      await manager.createQueryBuilder().insert().into(InstanceRow).values(row).execute();
      return true;
    });
    // Out of this promise, whose errors are only logged.
    if (!isListed) return void setImmediate(superseded);
    const since = clock() - goneMs;
    const count = await database.read
      .createQueryBuilder(InstanceRow, 'i')
      .where('i.lastSeenAt > :since', { since })
      .getCount();
    const detail = count === 1 ? 'alone on this database' : `${count} on this database`;
    pulse.say('orchestrators', { ok: true, detail });
  }
}

/**
 * For who needs a PostgreSQL database without orchestrators: until the transaction ends, none enters.
 * @throws StartError `orchestrator_running` when one lives, or has not been silent for 15 s.
 */
export async function refuseLiving(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [entryLock]);
  const [row] = await manager.query<{ ms: string }[]>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
  const others = await manager.createQueryBuilder(InstanceRow, 'i').getMany();
  const by = keptOutBy(false, others, Number(row?.ms), isKnownDead);
  if (by === undefined) return;
  throw new StartError(
    'orchestrator_running',
    `An orchestrator runs on this database ${whereIs(by)}.`,
    `Stop all of them first; one that was killed on another machine counts as gone after ${goneMs / 1000} s.`,
  );
}

/** The number of the transaction-scoped advisory lock of those who enter. */
const entryLock = 4870_0002;

function isKnownDead({ host, pid }: InstanceRow): boolean {
  return host === hostname() && !isAlive(pid);
}

function whereIs({ host, pid }: InstanceRow): string {
  return `on ${host} (process ${pid})`;
}

/** A process of this machine. One of another user lives, too. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function refused(by: InstanceRow, isShared: boolean): StartError {
  const where = whereIs(by);
  return new StartError(
    'orchestrator_running',
    isShared
      ? `An orchestrator without Redis runs on this database ${where}; it has to be alone.`
      : `Another orchestrator runs on this database ${where}, and without Redis there can be only one.`,
    isShared
      ? 'Stop it and start it again with the same REDIS_URL.'
      : 'Stop it, or give all of them the same REDIS_URL=redis://….',
  );
}
