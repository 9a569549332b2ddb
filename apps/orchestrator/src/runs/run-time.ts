import type { RunRow } from './run.entity.js';

/**
 * Milliseconds that a run has spent in `running`. Only time under a live lease counts: a laptop that slept, or an orchestrator that
 * was down, uses up nobody's timeout.
 */
export function spentMs(run: Pick<RunRow, 'spentMs' | 'countedUntil' | 'leaseExpiresAt'>, now: number): number {
  if (run.countedUntil === null || run.leaseExpiresAt === null) return run.spentMs;
  return run.spentMs + Math.max(0, Math.min(now, run.leaseExpiresAt) - run.countedUntil);
}
