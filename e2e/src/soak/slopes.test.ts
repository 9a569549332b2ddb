import { describe, expect, it } from '@jest/globals';
import { lows } from '../statistics.js';
import { growth, trend } from './slopes.js';
import { vitalsOf } from './vitals.js';

const memory = { unit: 'MB', digits: 1, ofMinutes: lows };

/** A point each half minute, from `at` on: hours. */
const line = (level: number, perHour: number, minutes: number, at = 0) =>
  Array.from({ length: minutes * 2 + 1 }, (_, n) => ({ x: at + n / 120, y: level + (perHour * n) / 120 }));

describe('trend', () => {
  it('says the slope of all lives, their range, and how the longest one went', () => {
    expect(trend([line(100, 6, 10), line(90, 6, 30, 1)], memory)).toBe(
      '+6.0 MB per hour; 90.0 to 101.0 MB in 40 min of 2 lives; the longest (30 min) +6.0, in its second half +6.0',
    );
  });
  it('tells what only fills up from a leak', () => {
    const filled = [...line(100, 60, 30), ...line(130, 0, 30, 0.5)];
    expect(trend([filled], memory)).toMatch(/^\+3\d\.\d MB per hour; .* of 1 life; in its second half \+\d\.\d$/);
    expect(trend([line(100, -6, 10)], memory)).toMatch(/^-6\.0 MB per hour; .* of 1 life$/);
  });
  it('says nothing of less than five minutes', () => {
    expect(trend([line(100, 6, 2), line(100, 6, 2, 1), []], memory)).toBe('not watched for long enough');
    expect(trend([], memory)).toBe('not watched for long enough');
  });
});

describe('growth', () => {
  it('lists what grows, the fastest first, and adds up the rest', () => {
    const tables = new Map([
      ['leases', line(0.1, 0, 60)],
      ['runs', line(1, 2, 60)],
      ['event_chunks', line(2, 20, 60)],
      ['young', line(0, 1, 1)],
    ]);
    expect(growth(tables, 1000)).toEqual([
      'event_chunks: +20.00 MB per hour, in the second half +20.00; 2.00 to 22.00 MB, 20.0 kB per task',
      'runs: +2.00 MB per hour, in the second half +2.00; 1.00 to 3.00 MB, 2.0 kB per task',
      '1 others: +0.00 MB together',
    ]);
  });
  it('says so when nothing was watched', () => {
    expect(growth(new Map(), 0)).toEqual(['not watched for long enough']);
  });
});

describe('vitalsOf', () => {
  it('makes a series of each life of the program, from its second minute on', () => {
    const said = (minute: number, residentMb: number) => ({
      ...{ type: 'vitals', at: minute * 60_000, residentMb },
      ...{ heapMb: residentMb / 2, delayMs: 1, busyPercent: 10 },
    });
    const lives = [
      { main: 'worker', messages: [{ type: 'ready' }, said(60, 50), said(61, 60), said(120, 70)] },
      { main: 'orchestrator', messages: [said(60, 1), said(61, 2)] },
      { main: 'worker', messages: [{ type: 'ready' }] },
    ];
    expect(vitalsOf(lives, 'worker')).toEqual({
      residentMb: [[point(61, 60), point(120, 70)], []],
      heapMb: [[point(61, 30), point(120, 35)], []],
      delayMs: [[point(61, 1), point(120, 1)], []],
      busyPercent: [[point(61, 10), point(120, 10)], []],
    });
  });
  const point = (minute: number, y: number) => ({ x: minute / 60, y });
});
