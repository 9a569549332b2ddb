import { describe, expect, it } from '@jest/globals';
import { commandOutcome } from './command-outcome.js';

const end = { code: 0, signal: null, cancelled: false, timedOut: null } as const;

describe('commandOutcome', () => {
  it.each([
    [{}, 'succeeded', null],
    [{ code: 3 }, 'command_failed', 'exit code 3'],
    [{ code: null, signal: 'SIGSEGV' }, 'command_killed', 'ended by SIGSEGV'],
    [{ code: 143, cancelled: true }, 'cancelled', null],
    [{ code: null, signal: 'SIGTERM', timedOut: 'run_time' as const }, 'run_time', null],
    [{ code: null, signal: 'SIGTERM', timedOut: 'no_output' as const }, 'no_output', null],
    [{ code: 0, cancelled: true }, 'succeeded', null],
  ])('%j is %s', (how, outcome, message) => {
    expect(commandOutcome({ ...end, ...how })).toEqual({ outcome, message });
  });
});
