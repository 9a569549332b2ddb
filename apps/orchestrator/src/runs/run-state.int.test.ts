// The state machine under everything that can happen to it, in any order and at the same time. What fast-check prints on a
// failure (seed and path) makes the same schedule again; how its steps interleave inside the database is up to the machine.
// FC_RUNS=1000 looks for longer than a usual test run may.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openDomain, type Domain } from '../testing/domain.js';
import { checkTranscripts, endAll } from '../testing/run-ending.js';
import { infraRetries, RunInvariants } from '../testing/run-invariants.js';
import { schedule, type RunStep } from '../testing/run-steps.js';
import { RunWorld } from '../testing/run-world.js';
import { describeOnEachStore } from '../testing/stores.js';

const asked = Number(process.env['FC_RUNS'] ?? 0);
/** One schedule, and as many more as the machine begins within eight seconds, at most a hundred. */
const [usual, usualMs] = [100, 8000];

describeOnEachStore('runs', ({ kind, env: shared }) => {
  const domains: Domain[] = [];
  beforeAll(async () => {
    const env = { INFRA_RETRIES: String(infraRetries), LIMIT_JITTER_MS: '1000', ...shared() };
    const first = await openDomain(kind, env);
    domains.push(first);
    // SQLite belongs to one orchestrator, which holds a lock on its folder; there the steps of a round meet in one.
    if (kind === 'postgres') domains.push(await openDomain(kind, env, first));
  });
  afterAll(async () => {
    for (const domain of domains.reverse()) await domain.close();
  });

  it(
    'keep every promise in any order of events, and end',
    async () => {
      const end = performance.now() + usualMs;
      let lived = 0;
      const property = fc.asyncProperty(schedule, async (rounds) => {
        if (asked === 0 && lived > 0 && performance.now() > end) return;
        await live(domains, rounds);
        lived++;
      });
      await fc.assert(property, { numRuns: asked || usual });
    },
    asked > 0 ? 3_600_000 : 120_000,
  );
});

async function live(domains: readonly Domain[], rounds: readonly (readonly RunStep[])[]): Promise<void> {
  const [{ database }] = domains as [Domain];
  await forgetAll(domains);
  const world = await new RunWorld(domains).open();
  const invariants = new RunInvariants(database, world.reported);
  for (const steps of rounds) {
    const taken = await Promise.allSettled(steps.map((step) => world.take(step)));
    for (const one of taken) if (one.status === 'rejected') throw one.reason;
    await world.closeRound();
    expect([...(await invariants.check()), ...world.wrong]).toEqual([]);
  }
  await endAll(domains, world, invariants);
  await checkTranscripts(domains[0] as Domain);
}

async function forgetAll(domains: readonly Domain[]): Promise<void> {
  for (const { transcripts } of domains) await transcripts.compacted();
  await domains[0]?.database.write(async (manager) => {
    for (const table of ['claims', 'tasks', 'workers']) await manager.query(`DELETE FROM ${table}`);
  });
}
