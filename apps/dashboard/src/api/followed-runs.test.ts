import { describe, expect, it } from '@jest/globals';
import { FollowedRuns } from './followed-runs.js';

describe('FollowedRuns', () => {
  it('asks for each run behind what the slowest tab has heard', () => {
    const runs = new FollowedRuns();
    expect(runs.set('a', { run_1: 10 })).toBe(true);
    runs.heard('run_1', 30);
    expect(runs.topics()).toEqual(['run:run_1@30']);
    expect(runs.set('b', { run_1: 20, run_2: 0 })).toBe(true);
    expect(runs.topics()).toEqual(['run:run_1@20', 'run:run_2@0']);
  });

  it('needs no other stream for what it says already', () => {
    const runs = new FollowedRuns();
    runs.set('a', { run_1: 10 });
    expect(runs.set('b', { run_1: 12 })).toBe(false);
    expect(runs.set('a', {})).toBe(false);
    runs.heard('run_1', 11);
    expect(runs.topics()).toEqual(['run:run_1@12']);
    runs.ended('run_1');
    expect(runs.topics()).toEqual([]);
  });
});
