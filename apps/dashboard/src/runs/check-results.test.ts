import { describe, expect, it } from '@jest/globals';
import type { Run } from '@corch/contract';
import { lastResults, resultWords } from './check-results.js';

type Result = Run['checks'][number];

const result = (part: Partial<Result>): Result => ({
  kind: 'check',
  name: 'npm test',
  round: 0,
  state: 'passed',
  exitCode: 0,
  durationMs: 1200,
  ...part,
});

describe('the results of checks', () => {
  it('are those of the last round, in their first order', () => {
    const failed = result({ state: 'failed', exitCode: 1 });
    const lint = result({ name: 'npm run lint' });
    const again = result({ round: 1 });
    const setup = result({ kind: 'setup', name: 'npm test' });
    expect(lastResults([setup, failed, lint, again])).toEqual([setup, again, lint]);
    expect(lastResults([])).toEqual([]);
  });

  it('are told in words', () => {
    expect(resultWords(result({}))).toBe('check passed');
    expect(resultWords(result({ round: 2 }))).toBe('check passed in round 2');
    expect(resultWords(result({ kind: 'setup', state: 'failed', exitCode: 127 }))).toBe('setup failed, exit code 127');
    expect(resultWords(result({ state: 'failed', exitCode: null }))).toBe('check failed');
  });
});
