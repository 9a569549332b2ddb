import { describe, expect, it } from '@jest/globals';
import type { WorkerRow } from '../workers/worker.entity.js';
import { explainQueued, type QueueFacts } from './queue-reasons.js';

const now = 1_000_000;
const worker: WorkerRow = {
  id: 'worker_1',
  name: 'mill',
  host: 'machine-1',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  nodeVersion: 'v20.20.0',
  claude: { path: 'claude', version: '2.1.330', problem: null },
  login: { kind: 'api_key', label: null },
  allowCommands: true,
  canDeliver: true,
  capacity: 1,
  pools: ['default'],
  labels: [],
  lostAfterMs: 120_000,
  handOverMs: null,
  enrolledAt: 0,
  registeredAt: 0,
  lastSeenAt: now,
  mode: 'active',
  drainBy: null,
  loginHold: null,
  trouble: null,
  disk: null,
};
const facts: QueueFacts = {
  pausedPools: new Set(),
  poolLimits: new Map(),
  runningByPool: new Map(),
  maxRunning: null,
  onlineWorkers: [worker],
  runningByWorker: new Map(),
  runningByKey: new Map(),
  now,
};
const run = {
  executor: 'command' as const,
  demo: false,
  pool: 'default',
  requirements: [] as string[],
  concurrencyKey: null,
  concurrencyLimit: 1,
};

describe('explainQueued', () => {
  it('names the worker that has to be resumed', () => {
    const paused = { ...facts, onlineWorkers: [{ ...worker, mode: 'paused' as const }] };
    expect(explainQueued(run, 0, paused)).toEqual({
      reason: 'paused',
      reasonText: 'The worker mill could take it, but is paused.',
      hint: 'Resume it with `corch worker resume mill`.',
    });
  });

  it.each([
    ['a machine', ['host=other'], /^Start a worker on the machine other with/],
    ['a machine and more', ['host=other', 'gpu'], /^Start a worker on the machine other and these labels with/],
    ['labels', ['gpu'], /^Start a worker with these labels/],
  ])('says what to start when nobody carries %s', (_, requirements, hint) => {
    const found = explainQueued({ ...run, requirements }, 0, facts);
    expect(found).toMatchObject({ reason: 'no_worker', hint: expect.stringMatching(hint) });
    for (const label of requirements) expect(found.reasonText).toContain(`\`${label}\``);
  });
});
