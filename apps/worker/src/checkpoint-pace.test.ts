import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { KeptCheckpoint } from './checkpoint.js';
import { CheckpointPace } from './checkpoint-pace.js';

const intervalMs = 30_000;
let kept: KeptCheckpoint[];
let calls: number;
let durationMs: number;

beforeEach(() => {
  jest.useFakeTimers();
  [kept, calls, durationMs] = [[], 0, 0];
});
afterEach(() => {
  jest.useRealTimers();
});

const makePace = () =>
  new CheckpointPace(
    () => intervalMs,
    async (signal) => {
      calls++;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, durationMs);
        signal.addEventListener('abort', () => resolve());
      });
      return kept.shift() ?? 'unchanged';
    },
  );

describe('CheckpointPace', () => {
  it('makes none before the interval, and one for however many steps', async () => {
    const pace = makePace();
    for (let n = 0; n < 5; n++) pace.touch();
    await jest.advanceTimersByTimeAsync(intervalMs - 1);
    expect(calls).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls).toBe(1);
    await jest.advanceTimersByTimeAsync(10 * intervalMs);
    expect(calls).toBe(1);
  });

  it.each<[KeptCheckpoint, number]>([
    ['kept', 2],
    ['failed', 2],
    ['too_large', 1],
    ['gone', 1],
  ])('looks once more after `%s`: %d in all', async (first, all) => {
    kept = [first];
    const pace = makePace();
    pace.touch();
    await jest.advanceTimersByTimeAsync(10 * intervalMs);
    expect(calls).toBe(all);
    pace.touch();
    await jest.advanceTimersByTimeAsync(10 * intervalMs);
    expect(calls).toBe(first === 'gone' ? all : all + 1);
  });

  it('rests ten times as long as one takes, and makes one at a time', async () => {
    durationMs = 10_000;
    const pace = makePace();
    pace.touch();
    await jest.advanceTimersByTimeAsync(intervalMs + 5_000);
    pace.touch();
    await jest.advanceTimersByTimeAsync(5_000 + 99_999);
    expect(calls).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls).toBe(2);
  });

  it('breaks one off and makes no more when it is stopped', async () => {
    durationMs = 1_000_000;
    const pace = makePace();
    pace.touch();
    await jest.advanceTimersByTimeAsync(intervalMs);
    await pace.stop();
    pace.touch();
    await jest.advanceTimersByTimeAsync(10 * intervalMs);
    expect(calls).toBe(1);
  });
});
