// Which processes belong to a run: pure. Claude's Bash starts a session for each command and commands fork away from
// their parents, so the process group alone misses most of what matters.
import type { ProcessRow } from './process-table.js';

/** Tells a process from a later one with the same id. */
export function identity(row: ProcessRow): string {
  return `${row.pid} ${row.start}`;
}

/**
 * `roots`, all their descendants, and everybody who shares a session or group with one of them.
 *
 * @param except ids that never belong: the worker itself
 */
export function findKin(
  table: readonly ProcessRow[],
  roots: readonly ProcessRow[],
  except: ReadonlySet<number>,
): ProcessRow[] {
  const strangers = table.filter((row) => except.has(row.pid));
  // The worker's own session and group hold processes that have nothing to do with the run.
  const sessions = new Set<number>();
  const groups = new Set<number>();
  const foreignSessions = new Set([0, ...strangers.map((row) => row.session)]);
  const foreignGroups = new Set([0, ...strangers.map((row) => row.group)]);
  const kin = new Map<number, ProcessRow>();
  const add = (row: ProcessRow): void => {
    kin.set(row.pid, row);
    if (!foreignSessions.has(row.session)) sessions.add(row.session);
    if (!foreignGroups.has(row.group)) groups.add(row.group);
  };
  roots.filter((row) => !except.has(row.pid)).forEach(add);
  for (let before = -1; before < kin.size;) {
    before = kin.size;
    for (const row of table) {
      if (kin.has(row.pid) || except.has(row.pid) || row.pid <= 1) continue;
      if (kin.has(row.parent) || sessions.has(row.session) || groups.has(row.group)) add(row);
    }
  }
  return [...kin.values()];
}
