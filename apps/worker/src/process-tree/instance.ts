// One start of a worker. What its runs start is marked with it, so that only what this start left is ended after its death:
// the next start on the same folder may be at work already.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseStat } from './process-table.js';

/** The variable that every process of every run of this start carries, beside the marker of its run. */
export const instanceMarker = 'CORCH_INSTANCE';

/** `PID-START-RANDOM`: unlike any other, also in one process; its end has a fixed length, so that none begins another. */
export function newInstance(): string {
  return `${process.pid}-${startOf(process.pid) ?? '0'}-${randomBytes(4).toString('hex')}`;
}

/** Whether the process of an instance lives. Process ids are given again; the start time tells the old one from a stranger. */
export function isLive(instance: string): boolean {
  const [pid, start] = instance.split('-');
  return startOf(Number(pid)) === start;
}

/** The form of an instance, to tell its folder from others. */
export function isInstance(name: string): boolean {
  return /^\d+-\d+-[0-9a-f]{8}$/.test(name);
}

/** Clock ticks since boot; undefined when it is gone or /proc does not tell. */
function startOf(pid: number): string | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.start;
  } catch {
    return undefined;
  }
}
