import { describe, expect, it } from '@jest/globals';
import { ApiError, UnreachableError } from './http.js';
import { isRetryable, pauseMs, withRetry } from './retry.js';

const problem = (status: number, retryable: boolean, retryAfterSeconds?: number) =>
  new ApiError(
    { type: 't', title: 't', status, detail: 'd', code: 'c', requestId: 'r', retryable, hint: 'h' },
    retryAfterSeconds,
  );
const policy = { attempts: 4, delayMs: 100, maxDelayMs: 300 };

describe('isRetryable', () => {
  it.each<[string, unknown, boolean]>([
    ['no answer', new UnreachableError('x'), true],
    ['503', problem(503, true), true],
    ['500 of an older server', problem(500, false), true],
    ['429', problem(429, false), true],
    ['409 in flight', problem(409, true), true],
    ['409', problem(409, false), false],
    ['422', problem(422, false), false],
    ['a bug', new TypeError('x'), false],
  ])('%s', (_, error, expected) => {
    expect(isRetryable(error)).toBe(expected);
  });
});

describe('pauseMs', () => {
  it('doubles up to the cap and spreads by a fifth', () => {
    expect([1, 2, 3, 4].map((attempt) => pauseMs(policy, attempt, undefined, 0.5))).toEqual([100, 200, 300, 300]);
    expect(pauseMs(policy, 1, undefined, 0)).toBe(80);
    expect(pauseMs(policy, 1, undefined, 0.999)).toBeCloseTo(120, 0);
  });
  it('obeys Retry-After', () => {
    expect(pauseMs(policy, 1, problem(429, true, 7), 0)).toBe(7000);
  });
});

describe('withRetry', () => {
  const quick = { attempts: 3, delayMs: 0, maxDelayMs: 0 };
  const failing = (times: number, error: Error) => {
    let calls = 0;
    return {
      call: async () => (++calls <= times ? Promise.reject(error) : Promise.resolve(calls)),
      calls: () => calls,
    };
  };
  it('tries again until it works', async () => {
    expect(await withRetry(quick, failing(2, new UnreachableError('x')).call)).toBe(3);
  });
  it('gives up when the policy is used up', async () => {
    const attempt = failing(9, new UnreachableError('x'));
    await expect(withRetry(quick, attempt.call)).rejects.toThrow(UnreachableError);
    expect(attempt.calls()).toBe(3);
  });
  it('does not repeat what was refused', async () => {
    const attempt = failing(9, problem(422, false));
    await expect(withRetry(quick, attempt.call)).rejects.toThrow(ApiError);
    expect(attempt.calls()).toBe(1);
  });
  it('stops waiting when it is aborted', async () => {
    const abort = new AbortController();
    const waiting = withRetry(
      { attempts: 2, delayMs: 60_000, maxDelayMs: 60_000 },
      failing(9, new UnreachableError('x')).call,
      abort.signal,
    );
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});
