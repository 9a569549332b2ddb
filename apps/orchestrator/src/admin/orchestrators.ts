import { hostname } from 'node:os';
import { version, type OrchestratorFacts } from '@corch/contract';
import type { Database } from '../database/database.js';
import { goneMs } from '../instances/admission-rules.js';
import { InstanceRow } from '../instances/instance.entity.js';

/** The orchestrators on the database. SQLite has this one alone, and no row of it. */
export async function listOrchestrators(
  database: Database,
  now: number,
  startedAt: Date,
): Promise<OrchestratorFacts[]> {
  const own = { host: hostname(), pid: process.pid };
  const rows =
    database.kind === 'sqlite'
      ? []
      : await database.read
          .createQueryBuilder(InstanceRow, 'i')
          .where('i.lastSeenAt > :since', { since: now - goneMs })
          .orderBy('i.startedAt')
          .getMany();
  const others = rows.filter(({ host, pid }) => host !== own.host || pid !== own.pid);
  const self: OrchestratorFacts = {
    ...own,
    version,
    startedAt: startedAt.toISOString(),
    lastSeenAt: new Date(now).toISOString(),
    memoryBytes: process.memoryUsage.rss(),
    isThis: true,
  };
  return [self, ...others.map(toFacts)];
}

function toFacts({ host, pid, version: runs, startedAt, lastSeenAt, memoryBytes }: InstanceRow): OrchestratorFacts {
  return {
    ...{ host, pid, version: runs, memoryBytes, isThis: false },
    startedAt: new Date(startedAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
  };
}
