import { describe, expect, it } from '@jest/globals';
import { describeRunQueue } from '../testing/run-queue.contract.js';
import { EmbeddedRunQueue } from './embedded-run-queue.js';

describeRunQueue('EmbeddedRunQueue', () => new EmbeddedRunQueue());

describe('EmbeddedRunQueue', () => {
  it('waits for a run that is further away than a timer can count', async () => {
    const queue = new EmbeddedRunQueue();
    const readyAt = Date.now() + 400 * 86_400_000;
    queue.announce({ runId: 'run_a', epoch: 0, priority: 0, pool: 'default', readyAt });
    const claim = queue.enter('worker_1', ['default'], new AbortController().signal);
    await claim.woken(20);
    expect(await queue.counts()).toEqual({ waiting: 1, ready: 0, delayed: 1 });
    await queue.close();
  });
});
