import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, type Stack } from './testing/stack.js';

const command = { executor: 'command' as const, command: ['true'] };

describe('a worker that was started for a while', () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack();
  });
  afterEach(() => stack.close());

  it('leaves when it has taken its runs, and they have ended', async () => {
    const { orchestrator } = stack;
    const runs = [1, 2, 3].map(() => orchestrator.submit(command));
    const worker = await stack.startWorker({ WORKER_MAX_RUNS: '2' });
    expect(await worker.ended).toEqual({ reason: 'stopped' });
    expect(runs.map(({ finish }) => finish?.exit.outcome)).toEqual(['succeeded', 'succeeded', undefined]);
  });

  it('leaves when nothing is in line any more', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit(command);
    const worker = await stack.startWorker({ WORKER_EXIT_IF_IDLE_SECONDS: '0' });
    expect(await worker.ended).toEqual({ reason: 'stopped' });
    expect(run.finish?.exit.outcome).toBe('succeeded');
  });

  it('leaves, too, when it may take nothing', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit(command);
    const worker = await stack.startWorker({ WORKER_EXIT_IF_IDLE_SECONDS: '0', WORKER_MIN_FREE_MB: '1000000000' });
    expect(await worker.ended).toEqual({ reason: 'stopped' });
    expect(run.finish).toBeUndefined();
  });

  it('says with a file that its heartbeats are answered', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    await orchestrator.until(() => orchestrator.heartbeats.length > 1);
    const file = join(stack.base, 'worker', 'last-heartbeat');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // A worker that runs nothing beats three times in a lease, which is one second here.
    expect(readFileSync(file, 'utf8')).toBe('333\n');
  });
});
