// Ends a child step by step: ask, tell, end. Each step has its time, so that the end is reported within ten seconds.
import type { EventBody } from '@corch/contract';
import type { RunningProgram } from './claude/claude-process.js';
import type { ReachedLimit, RunProcesses, SweepReport } from './process-tree/containment.js';

/** From the first step on. Claude Code answers an interrupt within 0.1 s and SIGTERM within 1.4 s (seen on 2.1.330). */
export interface Ladder {
  readonly termAfterMs: number;
  readonly killAfterMs: number;
}

export const cancelLadder: Ladder = { termAfterMs: 3000, killAfterMs: 6000 };
/** The worker is being stopped and has little time, or another may work on the same run already. */
export const shutdownLadder: Ladder = { termAfterMs: 0, killAfterMs: 2000 };
/** What starts ever more processes gets no time for it. */
export const limitLadder: Ladder = { termAfterMs: 0, killAfterMs: 0 };

/** What the transcript says of a sweep: nothing when nothing was left and no limit was reached. */
export function sweepNotes({ ended, left, limit }: SweepReport): EventBody[] {
  return [...(limit === undefined ? [] : [limitNote(limit)]), ...leftNotes(ended, left)];
}

function limitNote({ max, was }: ReachedLimit): EventBody {
  const what =
    was === 'ended'
      ? `The run had more than ${max} processes at once and was ended.`
      : `The run wanted more than ${max} processes and threads at once; the others could not be started.`;
  return { type: 'note', level: 'warn', text: `${what} WORKER_MAX_PROCESSES on the worker allows more.` };
}

function leftNotes(ended: number, left: readonly number[]): EventBody[] {
  if (left.length > 0) {
    const text = `These processes of the run could not be ended: ${left.join(', ')}. End them on the worker.`;
    return [{ type: 'note', level: 'error', text }];
  }
  if (ended === 0) return [];
  return [{ type: 'note', level: 'info', text: `${ended} process(es) that the run had left were ended.` }];
}

/**
 * Climbs the ladder until the child has ended, then ends everything it left.
 *
 * @param interrupt asks the child to stop by itself
 */
export async function endChild(
  child: RunningProgram,
  processes: RunProcesses,
  ladder: Ladder,
  interrupt: () => void,
): Promise<SweepReport> {
  await processes.note();
  if (ladder.termAfterMs > 0) interrupt();
  const tell = (signal: 'SIGTERM' | 'SIGKILL') => processes.note().then(() => child.signal(signal));
  const term = setTimeout(() => void tell('SIGTERM'), ladder.termAfterMs);
  const killed = new Promise<void>((resolve) => {
    const kill = setTimeout(() => void tell('SIGKILL').then(() => resolve()), ladder.killAfterMs);
    void child.exited.then(() => {
      clearTimeout(kill);
      resolve();
    });
  });
  await killed;
  clearTimeout(term);
  return processes.sweep();
}
