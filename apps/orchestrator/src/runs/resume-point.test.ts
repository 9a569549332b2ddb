import { describe, expect, it } from '@jest/globals';
import { resumePoint } from './resume-point.js';

const run = { id: 'run_b', workedEpoch: null, checkpointEpoch: null };
const lost = { id: 'run_a', workedEpoch: 2, checkpointEpoch: 2 };

describe('resumePoint', () => {
  it('is null for a run that nobody has worked on', () => {
    expect(resumePoint(run, undefined)).toBeNull();
  });

  it('is where the run itself was worked on last', () => {
    const worked = { ...run, workedEpoch: 3, checkpointEpoch: 1 };
    expect(resumePoint(worked, undefined)).toEqual({ runId: 'run_b', epoch: 3, hasCheckpoint: true });
    expect(resumePoint(worked, lost)).toEqual({ runId: 'run_b', epoch: 3, hasCheckpoint: true });
  });

  it('is where a checkpoint shows that somebody worked, also before the worker told that it began', () => {
    const told = { ...run, workedEpoch: 1, checkpointEpoch: 2 };
    expect(resumePoint(told, undefined)).toEqual({ runId: 'run_b', epoch: 2, hasCheckpoint: true });
    const untold = { ...run, checkpointEpoch: 1 };
    expect(resumePoint(untold, lost)).toEqual({ runId: 'run_b', epoch: 1, hasCheckpoint: true });
  });

  it('has the checkpoint of the lost run as long as there is no other', () => {
    const worked = { ...run, workedEpoch: 1 };
    expect(resumePoint(worked, lost)).toEqual({ runId: 'run_b', epoch: 1, hasCheckpoint: true });
    expect(resumePoint(worked, { ...lost, checkpointEpoch: null })).toMatchObject({ hasCheckpoint: false });
    expect(resumePoint(worked, undefined)).toMatchObject({ hasCheckpoint: false });
  });

  it('is where the lost run stood, for the one that continues it', () => {
    expect(resumePoint(run, lost)).toEqual({ runId: 'run_a', epoch: 2, hasCheckpoint: true });
  });
});
