import { expect, it } from '@jest/globals';
import type { Run, RunEvent } from '@corch/contract';
import { atRest } from './check-ledger.js';

/** A run that gets one more event at each reading of its events, until it has `end` of them. */
function growing(end: number) {
  let count = 4;
  const row = () => ({ id: 'run_1', eventCount: count }) as Run;
  return {
    row,
    client: { readRun: () => Promise.resolve(row()) },
    events: () => {
      if (count < end) count++;
      return Promise.resolve(Array.from({ length: count }, (_, index) => ({ seq: index + 1 }) as RunEvent));
    },
  };
}

it.each([4, 5, 9])('takes a run and its events as they stood together: %i events', async (end) => {
  const stack = growing(end);
  const { run, stored } = await atRest(stack as unknown as Parameters<typeof atRest>[0], stack.row());
  expect([run.eventCount, stored.length]).toEqual([end, end]);
});

it('returns a count that is wrong as it is', async () => {
  const stack = { ...growing(4), events: () => Promise.resolve([{ seq: 1 } as RunEvent]) };
  const { run, stored } = await atRest(stack as unknown as Parameters<typeof atRest>[0], stack.row());
  expect([run.eventCount, stored.length]).toEqual([4, 1]);
});
