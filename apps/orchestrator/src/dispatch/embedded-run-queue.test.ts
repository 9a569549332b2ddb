import { describe, expect, it } from '@jest/globals';
import { describeRunQueue } from '../testing/run-queue.contract.js';
import { EmbeddedRunQueue } from './embedded-run-queue.js';

describeRunQueue('EmbeddedRunQueue', () => new EmbeddedRunQueue(3_600_000));

describe('EmbeddedRunQueue', () => {
  it('looks again after its safety interval, whatever was asked for', async () => {
    const queue = new EmbeddedRunQueue(20);
    const started = Date.now();
    await queue.wait(['default'], new AbortController().signal, 3_600_000);
    expect(Date.now() - started).toBeLessThan(5_000);
    await queue.close();
  });

  it('waits for a run that is further away than a timer can count', async () => {
    const queue = new EmbeddedRunQueue(10);
    queue.announce({ runId: 'run_a', pool: 'default', readyAt: Date.now() + 400 * 86_400_000 });
    await queue.wait(['default'], new AbortController().signal, 20);
    expect(await queue.counts()).toEqual({ waiting: 0, delayed: 1 });
    await queue.close();
  });
});
