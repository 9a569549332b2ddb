import { describe, expect, it } from '@jest/globals';
import { findKin } from './find-kin.js';
import { parsePs, parseStat, type ProcessRow } from './process-table.js';

const row = (pid: number, parent: number, session: number, group = session): ProcessRow => ({
  pid,
  parent,
  session,
  group,
  start: String(pid),
});
const pids = (rows: readonly ProcessRow[]) => rows.map(({ pid }) => pid).sort((a, b) => a - b);

// 10 is the worker in session 5; 20 the child; 30 its Bash in an own session with a child 31;
// 40 forked away from 31 and started a session; 41 its child; 50 a stranger.
const worker = row(10, 5, 5);
const table = [
  row(1, 0, 1),
  row(5, 1, 5),
  worker,
  row(20, 10, 20),
  row(30, 20, 30),
  row(31, 30, 30),
  row(40, 1, 40),
  row(41, 40, 40),
  row(50, 1, 50),
];
const except = new Set([10]);

describe('findKin', () => {
  it('follows parents into other sessions', () => {
    expect(pids(findKin(table, [row(20, 10, 20)], except))).toEqual([20, 30, 31]);
  });

  it('takes everybody in the session of a known one, though the parent is gone', () => {
    expect(pids(findKin(table, [row(20, 10, 20), row(41, 40, 40)], except))).toEqual([20, 30, 31, 40, 41]);
  });

  it('never takes the worker, its session or the first process', () => {
    const inside = row(60, 10, 5, 60);
    expect(pids(findKin([...table, inside], [inside, worker], except))).toEqual([60]);
    expect(findKin(table, [], except)).toEqual([]);
  });
});

describe('parsing', () => {
  it('reads /proc/PID/stat whatever the name is', () => {
    const stat = (state: string) => `42 (a) b (c)) ${state} 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 999 1`;
    expect(parseStat(stat('S'))).toEqual({ pid: 42, parent: 7, group: 8, session: 9, start: '12345' });
    expect(parseStat(stat('Z'))).toBeNull();
    expect(parseStat('')).toBeNull();
  });

  it('reads ps of Linux and macOS', () => {
    const line = '  42     7     8     9 Ss   Sun Nov 22 18:00:00 2026';
    expect(parsePs(line)).toEqual({ pid: 42, parent: 7, group: 8, session: 9, start: 'Sun Nov 22 18:00:00 2026' });
    expect(parsePs(line.replace(' 9 Ss', ' 0 Ss'))?.session).toBe(8);
    expect(parsePs(line.replace('Ss', 'Z+'))).toBeNull();
    expect(parsePs('')).toBeNull();
  });
});
