// A child process of the tests: an orchestrator with clocks that run, and people and workers who do whatever comes to their mind,
// while another process does the same on the same database. In the end it says what it holds and what it saw.
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { openDomain } from './domain.js';
import { runStep } from './run-steps.js';
import { RunWorld } from './run-world.js';

/** What is done at the same time. */
const lanes = 3;
/** More steps than anybody takes in that time. */
const enough = 5000;

/** What a child says in the end, as one line of JSON. */
export interface Hammered {
  readonly wrong: readonly string[];
  readonly steps: number;
  /** Every claim that was answered. */
  readonly holds: readonly { readonly runId: string; readonly epoch: number; readonly claimId: string }[];
  readonly reported: readonly (readonly [string, number])[];
}

const [databaseUrl = '', seed = '0', ms = '1000'] = process.argv.slice(2);
const env = {
  LEASE_MS: '600',
  LOST_AFTER_CAP_MS: '300',
  UNACKED_MS: '300',
  REAP_MS: '100',
  CLAIM_WATCH_MS: '300',
  INFRA_RETRIES: '2',
  LIMIT_JITTER_MS: '100',
  // Where there is one.
  REDIS_URL: process.env['REDIS_URL'] ?? '',
  REDIS_PREFIX: process.env['REDIS_PREFIX'] ?? '',
};
// Time passes by itself here.
const clock = {
  get now() {
    return Date.now();
  },
  set now(_asked: number) {
    return;
  },
};
const domain = await openDomain('postgres', env, { databaseUrl, clock });
const world = await new RunWorld([domain]).open();
const steps = fc.sample(runStep, { numRuns: enough, seed: Number(seed) });
const end = performance.now() + Number(ms);
let taken = 0;

async function lane(first: number): Promise<void> {
  for (let index = first; index < steps.length && performance.now() < end; index += lanes) {
    const step = steps[index];
    if (step === undefined) return;
    await world.take(step);
    taken++;
    await delay(1);
  }
}

await Promise.all(Array.from({ length: lanes }, (_, first) => lane(first)));
const said: Hammered = {
  wrong: world.wrong,
  steps: taken,
  holds: world.holds.map(({ runId, epoch, claimId }) => ({ runId, epoch, claimId })),
  reported: [...world.reported],
};
await domain.close();
process.stdout.write(`${JSON.stringify(said)}\n`);
