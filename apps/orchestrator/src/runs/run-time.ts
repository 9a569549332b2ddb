import type { RunRow } from './run.entity.js';

/**
 * Milliseconds that a run has spent in `running`. Only time under a live lease counts: a laptop that slept, or an orchestrator that
 * was down, uses up nobody's timeout. Nor does the time in which it waits for a person.
 */
export function spentMs(
  run: Pick<RunRow, 'spentMs' | 'countedUntil' | 'leaseExpiresAt' | 'askedSince'>,
  now: number,
): number {
  if (run.countedUntil === null || run.leaseExpiresAt === null) return run.spentMs;
  const until = Math.min(now, run.leaseExpiresAt, run.askedSince ?? now);
  return run.spentMs + Math.max(0, until - run.countedUntil);
}
