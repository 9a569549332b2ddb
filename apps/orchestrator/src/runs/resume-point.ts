import type { ResumePoint } from '@corch/contract';
import type { RunRow } from './run.entity.js';

type Worked = Pick<RunRow, 'id' | 'workedEpoch' | 'checkpointEpoch'> & Partial<Pick<RunRow, 'taskId'>>;

/**
 * Where a worker that claims `run` goes on, or null when it starts from the beginning. `lost` is the run that it continues: a lost or an ended one. Once
 * somebody has worked on the run itself, the files of the lost one are old; its checkpoint is better than none.
 */
export function resumePoint(run: Worked, lost: Worked | undefined): ResumePoint | null {
  const source = lastEpoch(run) !== null || lost === undefined ? run : lost;
  const epoch = lastEpoch(source);
  if (epoch === null) return null;
  const hasCheckpoint = source.checkpointEpoch !== null || (lost?.checkpointEpoch ?? null) !== null;
  const isFork = lost !== undefined && lost.taskId !== run.taskId;
  return { runId: source.id, epoch, hasCheckpoint, ...(isFork && { isFork }) };
}

/** A checkpoint shows work too, should it have come before the word that the work began. */
function lastEpoch({ workedEpoch, checkpointEpoch }: Worked): number | null {
  return workedEpoch === null && checkpointEpoch === null ? null : Math.max(workedEpoch ?? 0, checkpointEpoch ?? 0);
}
