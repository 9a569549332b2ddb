import { describe, expect, it } from '@jest/globals';
import { between } from './clock-jump.js';

const before = { wall: 1_800_000_000_000, monotonic: 5_000 };
const after = (wallMs: number, monotonicMs: number) =>
  between(before, { wall: before.wall + wallMs, monotonic: before.monotonic + monotonicMs }, 30_000);

describe('between', () => {
  it.each([
    ['time passes', 2_000, 2_000, 0],
    ['a stopped process is let go on', 3_600_000, 3_600_000, 0],
    ['the clock is slewed', 2_400, 2_000, 0],
    ['a step is too small to matter', 31_900, 2_000, 0],
    ['the clock is set forward', 3_602_000, 2_000, 3_600_000],
    ['the clock is set back', -3_598_000, 2_000, -3_600_000],
    ['the machine slept', 600_001.4, 1.2, 600_000],
    ['it is set back while the process is stopped', 0, 3_600_000, -3_600_000],
  ])('%s', (_, wallMs, passedMs, jumpMs) => {
    const span = after(wallMs, passedMs);
    expect(span.jumpMs).toBe(jumpMs);
    expect(span.passedMs).toBe(Math.round(passedMs));
  });
});
