// Decides, without acting: what retention takes of a run that has ended. Pure.
import { bundleName, filesName, mailName } from '@corch/contract';
import type { KeptRun } from './run-sizes.repository.js';

/** `all`: transcript and files. `all_but_change`: what somebody could still deliver stays. */
export type Extent = 'all' | 'all_but_change';

/** The blob that `GET /runs/:id/patch` serves. */
export const patchName = 'patch.diff';
/** The files that make a change. */
export const changeNames = [patchName, bundleName, filesName, mailName];

/** Of tasks that ended before a moment nothing stays, whatever became of their change. */
export function extentByAge({ taskEndedAt }: Pick<KeptRun, 'taskEndedAt'>, before: number): Extent | null {
  return taskEndedAt !== null && taskEndedAt < before ? 'all' : null;
}

/** To make room, a task that goes on is left alone, and so is a change that nobody has elsewhere. */
export function extentBySize(run: Omit<KeptRun, 'runId' | 'taskId' | 'endedAt'>): Extent | null {
  if (run.taskEndedAt === null) return null;
  if (!holdsChange(run)) return 'all';
  return run.transcriptBytes > 0 ? 'all_but_change' : null;
}

/** Whether it made the change that would be delivered if somebody asked, and that is not where it was to go. */
function holdsChange({ executor, status, changeCommit, delivered, isFollowed }: Parameters<typeof extentBySize>[0]) {
  if (executor === 'deliver' || status !== 'succeeded' || changeCommit === null || isFollowed) return false;
  return delivered?.commit !== changeCommit;
}

/** As `2026-11-30`: when retention removed something, as people are told. */
export function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}
