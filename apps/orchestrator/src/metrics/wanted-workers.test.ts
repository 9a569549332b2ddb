import { describe, expect, it } from '@jest/globals';
import { wantedWorkers } from './wanted-workers.js';

describe('wantedWorkers', () => {
  it.each([
    ['nothing to do', { queued: 0, running: 0 }, [4, 4], 0],
    ['work without any worker: one each', { queued: 3, running: 0 }, [], 3],
    ['what is in line beside what runs', { queued: 5, running: 4 }, [4], 3],
    ['the usual size, not that of the odd one', { queued: 8, running: 0 }, [4, 4, 100], 2],
  ])('%s', (_, work, capacities, wanted) => {
    expect(wantedWorkers(work, capacities)).toBe(wanted);
  });
});
