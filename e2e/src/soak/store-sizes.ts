// Looks at what the stores of a soak hold, all along: the tables of PostgreSQL or the file of SQLite, and the keys of Redis.
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { runSql } from '../../../scripts/test/postgres.mjs';
import type { Point } from '../statistics.js';
import { bytesOf } from './database-size.js';
import type { Servers } from './server-faults.js';

const everyMs = 15_000;
/** A server that a fault has taken away is not waited for. */
const patienceMs = 2000;

const tableSizes = 'SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables';

export class StoreSizes {
  /** Megabytes of each table with its indexes. */
  readonly tables = new Map<string, Point[]>();
  /** How many keys Redis holds, a series per life of it. */
  readonly keys = new Map<string, Point[]>();
  /** Megabytes that they take. */
  readonly keyMemory = new Map<string, Point[]>();
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly servers: Servers,
    /** The data folder of an orchestrator on SQLite. */
    private readonly folder: string,
  ) {}

  start(): void {
    this.looking = this.lookOn();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private async lookOn(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const x = Date.now() / 3_600_000;
      // A server may be away; the next look finds it again.
      await Promise.allSettled([this.lookAtTables(x), this.lookAtKeys(x)]);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async lookAtTables(x: number): Promise<void> {
    const { postgres } = this.servers;
    if (postgres === undefined) return add(this.tables, 'SQLite', { x, y: bytesOf(this.folder) / 1e6 });
    for (const line of (await runSql(postgres.url, tableSizes)).split('\n')) {
      const [name, bytes] = line.split('|');
      if (name !== undefined && bytes !== undefined) add(this.tables, name, { x, y: Number(bytes) / 1e6 });
    }
  }

  private async lookAtKeys(x: number): Promise<void> {
    const { redis } = this.servers;
    if (redis === undefined) return;
    const limits = { connectTimeout: patienceMs, commandTimeout: patienceMs, maxRetriesPerRequest: 0 };
    const once = { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null };
    const client = new Redis(redis.url, { ...limits, ...once });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const [keys, facts] = await Promise.all([client.dbsize(), client.info()]);
      const life = /^run_id:(\w+)/m.exec(facts)?.[1] ?? '';
      add(this.keys, life, { x, y: keys });
      add(this.keyMemory, life, { x, y: Number(/^used_memory:(\d+)/m.exec(facts)?.[1]) / 1e6 });
    } finally {
      client.disconnect();
    }
  }
}

function add(all: Map<string, Point[]>, name: string, point: Point): void {
  const points = all.get(name);
  if (points === undefined) all.set(name, [point]);
  else points.push(point);
}
