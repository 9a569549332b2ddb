import { monotonicFactory } from 'ulid';

const ulid = monotonicFactory();

/** A new id: a prefix that names the kind, and a lower-case ULID that sorts by time. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}_${ulid(nowMs).toLowerCase()}`;
}
