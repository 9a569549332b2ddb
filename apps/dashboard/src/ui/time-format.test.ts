import { describe, expect, it } from '@jest/globals';
import {
  absoluteTime,
  clockDuration,
  limitDuration,
  relativeTime,
  shortTime,
  stepDuration,
  withLocalTimes,
} from './time-format.js';

const now = Date.UTC(2026, 10, 27, 12, 0, 0);
const seconds = (count: number) => count * 1000;

describe('relativeTime', () => {
  it.each([
    [seconds(0), 'just now'],
    [seconds(42), '42 s ago'],
    [seconds(179), '2 min ago'],
    [seconds(7300), '2 h ago'],
    [seconds(3 * 86_400), '3 d ago'],
    // A clock that is a little ahead does not make the past the future.
    [-seconds(4), 'just now'],
    [-seconds(40), 'in 40 s'],
    [-seconds(3 * 3600), 'in 3 h'],
  ])('%d ms back is %s', (past, words) => {
    expect(relativeTime(now - past, now)).toBe(words);
  });

  it('is the date beyond a month', () => {
    expect(relativeTime(now - 60 * 86_400_000, now)).toMatch(/2026/);
  });
});

describe('absoluteTime', () => {
  it('names the zone', () => {
    expect(absoluteTime(now, 'en-GB', 'Europe/Berlin')).toBe('27 Nov 2026, 13:00:00 CET');
  });
});

describe('shortTime', () => {
  it('leaves the day out when it is the same where the reader is', () => {
    expect(shortTime(now, now, 'en-GB', 'Europe/Berlin')).toBe('13:00');
    expect(shortTime(now + seconds(86_400), now, 'en-GB', 'Europe/Berlin')).toBe('28 Nov, 13:00');
    // An hour later is another day in Kiritimati.
    expect(shortTime(Date.UTC(2026, 10, 27, 9), Date.UTC(2026, 10, 27, 10), 'en-GB', 'Pacific/Kiritimati')).toMatch(
      /Nov/,
    );
  });

  it('takes the place of times in sentences', () => {
    const text = 'It goes on at 2026-11-27T12:05:00.000Z, at 2026-11-28T12:05:00Z or never.';
    expect(withLocalTimes(text, now, 'en-GB', 'UTC')).toBe('It goes on at 12:05, at 28 Nov, 12:05 or never.');
    expect(withLocalTimes('Nothing is due.', now)).toBe('Nothing is due.');
  });
});

describe('durations', () => {
  it('count on a clock', () => {
    expect([0, 7, 252, 3753, 183_845].map((count) => clockDuration(seconds(count)))).toEqual([
      '0:00',
      '0:07',
      '4:12',
      '1:02:33',
      '2 d 03:04:05',
    ]);
    expect(clockDuration(-5000)).toBe('0:00');
  });

  it('of steps are finer', () => {
    expect([-3, 41, 3210, 125_000].map(stepDuration)).toEqual(['0 ms', '41 ms', '3.2 s', '2:05']);
  });

  it('of limits are as they were set', () => {
    expect([7200, 1800, 90].map(limitDuration)).toEqual(['2 h', '30 min', '90 s']);
  });
});
