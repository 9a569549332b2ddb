import { describe, expect, it } from '@jest/globals';
import { announcementOf } from './announcement.js';

describe('announcementOf', () => {
  it('keeps the priority of a run whose place in the line another key has taken', () => {
    const run = { id: 'run_a', pool: 'default', leaseEpoch: 2, readyAt: 5_000_000, turnKey: 4_990_000 };
    const swapped = { ...run, dispatchKey: 1_000_000 };
    expect(announcementOf(swapped)).toEqual({
      runId: 'run_a',
      epoch: 2,
      pool: 'default',
      readyAt: 5_000_000,
      priority: 10,
    });
  });
});
