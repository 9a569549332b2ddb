// As run-state.int.test.ts with two processes, their real clocks and their own timers, on one PostgreSQL;
// once as if each were alone, and once with Redis between them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDomain, type Domain } from '../testing/domain.js';
import type { Hammered } from '../testing/hammer-runs.js';
import { RunInvariants } from '../testing/run-invariants.js';
import { RunWorld } from '../testing/run-world.js';
import { checkTranscripts, endAll } from '../testing/run-ending.js';
import { describeOnEachStore } from '../testing/stores.js';

const program = fileURLToPath(new URL('../testing/hammer-runs.ts', import.meta.url));
/** FC_RUNS, as for the other test: about so many schedules. */
const hammerMs = Number(process.env['FC_RUNS'] ?? 0) * 200 || 3000;

describeOnEachStore('runs in two processes (F30)', ({ kind, env: shared }) => {
  // SQLite belongs to one orchestrator, which holds a lock on its folder.
  if (kind === 'sqlite') return;
  const env = shared();
  let domain: Domain;
  beforeAll(async () => {
    domain = await openDomain(kind, { INFRA_RETRIES: '2', ...env });
  });
  afterAll(() => domain.close());

  it('keep every promise, and end', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const both = await Promise.all([seed, seed + 1].map((one) => hammer(domain.databaseUrl, one, env)));
    const holds = both.flatMap((one) => one.holds);
    const epochs = holds.map(({ runId, epoch }) => `${runId} epoch ${epoch}`);
    expect({ seed, wrong: both.flatMap(({ wrong }) => wrong) }).toEqual({ seed, wrong: [] });
    expect(new Set(epochs).size).toBe(epochs.length);
    expect(Math.min(...both.map(({ steps }) => steps))).toBeGreaterThan(0);
    domain.clock.now = Date.now();
    const invariants = new RunInvariants(domain.database, new Map(both.flatMap(({ reported }) => reported)));
    expect(await invariants.check()).toEqual([]);
    await endAll([domain], new RunWorld([domain]), invariants);
    await checkTranscripts(domain);
  });
});

async function hammer(databaseUrl: string, seed: number, env: Record<string, string>): Promise<Hammered> {
  const args = ['--conditions=corch-source', '--import', 'tsx', program, databaseUrl, String(seed), String(hammerMs)];
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, log, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`seed ${seed} failed:\n${log}`);
  return JSON.parse(said) as Hammered;
}
