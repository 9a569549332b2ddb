import { decodeTime, monotonicFactory } from 'ulid';

const ulid = monotonicFactory();

/** A new id: a prefix that names the kind, and a lower-case ULID that sorts by time. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}_${ulid(nowMs).toLowerCase()}`;
}

/** When an id of ours was made, epoch milliseconds. */
export function timeOfId(id: string): number {
  return decodeTime(id.slice(id.indexOf('_') + 1).toUpperCase());
}
