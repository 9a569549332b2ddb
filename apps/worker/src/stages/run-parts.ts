// What the stages of one run share.
import type { ClaimedRun } from '@corch/contract';
import type { WorkerContext } from '../context.js';
import type { Execution } from '../execute-run.js';
import type { RunProcesses } from '../process-tree/containment.js';
import type { Redactor } from '../redact.js';
import type { RunCheckpoints } from './run-checkpoints.js';
import type { Tell } from '../take-workspace.js';

export interface RunParts extends Execution {
  readonly context: WorkerContext;
  readonly redactor: Redactor;
  readonly processes: RunProcesses;
  readonly checkpoints: RunCheckpoints;
  /** Says something in the transcript. */
  readonly tell: Tell;
  /** What is left of the run's time, in milliseconds. */
  readonly runMs: () => number;
}

/** The session was begun by an earlier run, so that Claude Code's numbers go on from those of that one. */
export function isContinued({ runId, resume }: Pick<ClaimedRun, 'runId' | 'resume'>): boolean {
  return resume !== null && resume.runId !== runId;
}
