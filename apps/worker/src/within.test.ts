import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isTimeout } from './error-facts.js';
import { within } from './within.js';

/** The garbage collector, which a program otherwise cannot call. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Waits as callers do: nothing keeps the signal but who listens. */
const aborted = (signal: AbortSignal) => once(signal, 'abort').then(() => signal);

describe('within', () => {
  it('ends in time though everything that can be was collected', async () => {
    const collect = collector();
    // Waiting for `once` keeps no process alive.
    const alive = setInterval(() => undefined, 1000);
    const end = aborted(within(new AbortController().signal, 200));
    for (let n = 0; n < 3; n++) {
      await delay(20);
      collect();
    }
    expect(isTimeout((await end).reason)).toBe(true);
    clearInterval(alive);
  });
  it('ends with the signal, for its reason', async () => {
    const controller = new AbortController();
    const end = aborted(within(controller.signal, 60_000));
    controller.abort(new Error('stop'));
    expect((await end).reason).toEqual(new Error('stop'));
    expect(within(controller.signal, 60_000).aborted).toBe(true);
  });
});
