import { quantile } from '@corch/e2e/statistics';
import { RawWorker, type Server } from '@corch/e2e/raw-worker';
import { waitFor } from '@corch/e2e/wait-for';
import type { Options } from './options.js';
import { lists, plainClaim } from './million/queries.js';
import { fill } from './million/fill.js';
import { openPlainSql } from './million/database.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers, type Servers } from './servers.js';

const claims = 200;
/** Milliseconds, p95. */
const targets = { list: 20, search: 100 };

/** Lists, filters, text search and claims with a million tasks in the database, beside plain SQL of the same driver. */
export async function* measureMillion({ modes, stored, seconds }: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  try {
    for (const mode of modes.filter((one) => one !== 'redis')) yield* measureOn(servers, mode, stored, seconds);
  } finally {
    await servers.stop();
  }
}

async function* measureOn(
  servers: Servers,
  mode: 'sqlite' | 'postgres',
  stored: number,
  seconds: number,
): AsyncGenerator<Row> {
  const { stack, database, stop } = await startOrchestrator(servers, mode);
  const sql = await openPlainSql(database, stack.data);
  try {
    await fill(sql, stack, stored, async (work) => {
      await stack.orchestrator.stop();
      await work();
      await stack.startOrchestrator();
    });
    // As on a server that has been up for some minutes: the hours before are summed up once, in the background.
    await waitFor('the hours to be summed up', async () => !(await isPartial(stack)), 600_000);
    const budgetMs = (seconds * 1000) / 10;
    const measured = await lists(stack.client, sql, stored);
    // A program that just started compiles its code: what that takes is no list's own.
    for (const { http } of measured.slice(0, 1)) await timed(http, 1000);
    for (const { what, target, http, plain } of measured) {
      const own = await timed(http, budgetMs);
      const peer = await timed(plain, budgetMs);
      const of = `${what}, p95: ${mode}`;
      yield {
        what: of,
        value: quantile(own, 0.95),
        unit: 'ms',
        against: { what: 'plain SQL', value: quantile(peer, 0.95) },
      };
      yield { what: of, value: quantile(own, 0.95), unit: 'ms', against: { what: 'target', value: targets[target] } };
    }
    const worker = await RawWorker.enrol(stack, 'claimer');
    const own = await timed(
      async () => {
        for (const run of await worker.claim()) await run.finish('succeeded', 0);
      },
      Infinity,
      claims,
    );
    const peer = await timed(() => plainClaim(sql), Infinity, claims);
    const against = { what: 'plain SQL', value: quantile(peer, 0.95) };
    yield { what: `claim and finish, p95: ${mode}`, value: quantile(own, 0.95), unit: 'ms', against };
  } finally {
    await sql.close();
    await stop();
  }
}

async function isPartial({ client }: Server): Promise<boolean> {
  const { history } = await client.readStatistics({ query: { range: '90d', groupBy: 'repository' } });
  return history?.isPartial === true;
}

/** How long each call took, after three that do not count. */
async function timed(call: () => Promise<unknown>, budgetMs: number, most = 1000): Promise<number[]> {
  for (let n = 0; n < 3; n++) await call();
  const taken: number[] = [];
  const end = performance.now() + budgetMs;
  while (taken.length < most && (taken.length < 20 || performance.now() < end)) {
    const begin = performance.now();
    await call();
    taken.push(performance.now() - begin);
  }
  return taken;
}
