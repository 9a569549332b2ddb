// What goes wrong with the servers that the orchestrators live on.
import { setTimeout as delay } from 'node:timers/promises';
import { runSql } from '../../../scripts/test/postgres.mjs';
import type { Random } from './random.js';

/** What the orchestrators live on, where that is PostgreSQL. */
export interface PostgresServer {
  readonly url: string;
  /** Where its data lies. */
  readonly folder: string;
  halt(how: 'SIGQUIT'): Promise<void>;
  resume(): Promise<void>;
}

/** What lies between them, where there are several. */
export interface RedisServer {
  readonly url: string;
  halt(how: 'SIGKILL' | 'SIGSTOP'): Promise<void>;
  resume(): Promise<void>;
  empty(): Promise<void>;
}

export interface Servers {
  readonly postgres: PostgresServer | undefined;
  readonly redis: RedisServer | undefined;
}

/** How often each happens; those of a server that is not there are left out. */
export const serverFaultWeights = {
  'database killed': 1,
  'database connections ended': 1,
  'Redis killed': 1,
  'Redis frozen': 1,
  'Redis emptied': 1,
};
export type ServerFaultKind = keyof typeof serverFaultWeights;

export function isServerFault(kind: string): kind is ServerFaultKind {
  return kind in serverFaultWeights;
}

/** Whether there is what it happens to. */
export function canHappen(kind: ServerFaultKind, { postgres, redis }: Servers): boolean {
  return (kind.startsWith('Redis') ? redis : postgres) !== undefined;
}

const endConnections = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Does one, until its end. */
export async function breakServer(kind: ServerFaultKind, { postgres, redis }: Servers, random: Random): Promise<void> {
  switch (kind) {
    case 'database killed':
      await postgres?.halt('SIGQUIT');
      await delay(random.between(100, 3000));
      return postgres?.resume();
    case 'database connections ended':
      if (postgres) await runSql(postgres.url, endConnections);
      return;
    case 'Redis killed':
    case 'Redis frozen':
      await redis?.halt(kind === 'Redis killed' ? 'SIGKILL' : 'SIGSTOP');
      // Now and then longer than anybody waits for an answer.
      await delay(random.isHit(0.3) ? random.between(8_000, 15_000) : random.between(100, 3000));
      return redis?.resume();
    case 'Redis emptied':
      return redis?.empty();
  }
}
