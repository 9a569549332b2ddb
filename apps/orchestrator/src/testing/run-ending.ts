// How a test of runs ends: everything has to come to its end, and every transcript has to be in order.
import { expect } from '@jest/globals';
import { isFinal, statuses } from '@corch/contract';
import type { Domain } from './domain.js';
import { checkTranscript, claimedEpochs, type RunInvariants } from './run-invariants.js';
import type { RunWorld } from './run-world.js';

/** Rounds until a world in which nobody fails any more has finished everything. */
const patience = 60;

/** Nothing more goes wrong: one good worker takes everything there is, and everything ends. */
export async function endAll(domains: readonly Domain[], world: RunWorld, invariants: RunInvariants): Promise<void> {
  const [domain] = domains as [Domain];
  await world.unlimit();
  const workerId = await world.addWorker();
  for (let round = 0; round < patience; round++) {
    domain.pass(40_000);
    for (const one of domains) await one.reaper.reap();
    for (const run of await domain.claim(workerId, 100)) await domain.finish(run);
    expect(await invariants.check()).toEqual([]);
    if ((await open(domain)).length === 0) return;
  }
  throw new Error(`these never ended: ${JSON.stringify(await open(domain))}`);
}

async function open({ tasks }: Domain) {
  const status = statuses.filter((one) => !isFinal(one));
  const { data } = await tasks.list({ status, sort: '-createdAt', limit: 200 }, 'tester');
  return data.map((task) => ({ id: task.id, status: task.status, reason: task.reason }));
}

/** Every transcript is in order. */
export async function checkTranscripts(domain: Domain): Promise<void> {
  const { database } = domain;
  const claimed = await claimedEpochs(database);
  const rows = await database.read.query<{ id: string }[]>('SELECT id FROM runs');
  const wrong: string[] = [];
  for (const { id } of rows) {
    const { data } = await domain.transcripts.page(id, { after: 0, limit: 5000 });
    wrong.push(...checkTranscript(id, data, claimed.get(id) ?? new Set()));
  }
  expect(wrong).toEqual([]);
}
