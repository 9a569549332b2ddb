// How a command ended → one outcome. Pure.
import type { Ending } from '../claude/claude-outcome.js';

export interface CommandExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly cancelled: boolean;
  readonly timedOut: 'run_time' | 'no_output' | 'process_limit' | null;
}

/** Decides. A command that finished well in spite of a cancel or timeout that came too late has succeeded. */
export function commandOutcome(end: CommandExit): Ending {
  if (end.code === 0) return { outcome: 'succeeded', message: null };
  if (end.cancelled) return { outcome: 'cancelled', message: null };
  if (end.timedOut !== null) return { outcome: end.timedOut, message: null };
  if (end.code !== null) return { outcome: 'command_failed', message: `exit code ${end.code}` };
  return { outcome: 'command_killed', message: `ended by ${end.signal ?? 'an unknown signal'}` };
}
