import type { Settings } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { timeOfId } from '../common/ids.js';

const dayMs = 86_400_000;

/** That there is no such task. Its id tells how old it would be: when retention may have deleted it, that is said. */
export function missingTask(taskId: string, { keepTasksDays }: Pick<Settings, 'keepTasksDays'>, now: number): AppError {
  const submittedAt = timeOfId(taskId);
  if (keepTasksDays === null || submittedAt >= now - keepTasksDays * dayMs) {
    return new AppError('task_not_found', `There is no task ${taskId}.`);
  }
  const kept = keepTasksDays === 1 ? '1 day' : `${keepTasksDays} days`;
  const day = new Date(submittedAt).toISOString().slice(0, 10);
  const text = `There is no task ${taskId} any more: it is of ${day}, and retention deletes tasks ${kept} after their end.`;
  return new AppError('task_not_found', text, { hint: 'How long tasks are kept: `corch settings show`.' });
}
