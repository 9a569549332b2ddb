import { isFinal, type Task, type TaskDetail } from '@corch/contract';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { costText, deliveredText, shortId, statText, statusMark } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { elapsed } from '../format/time.js';
import type { Colors } from '../output.js';

/** The exit code of a command that watched `task` to its end. */
export function taskExitCode(task: Pick<Task, 'status' | 'reason'>): ExitCode {
  if (task.status === 'succeeded') return exitCodes.ok;
  const isLimit = task.reason === 'budget_exceeded' || task.reason === 'usage_limit';
  return isLimit ? exitCodes.limit : exitCodes.taskFailed;
}

/** `✓ succeeded in 4:12 · +12 −5 in 2 files · est. $0.38`: how a task ended, on one line. */
export function outcomeLine(task: TaskDetail, color: Colors): string {
  const run = task.currentRun;
  const spent = elapsed(run.startedAt, run.endedAt, Date.parse(run.endedAt ?? run.createdAt));
  const why = task.status === 'succeeded' || task.reasonText === null ? '' : `: ${oneLine(task.reasonText)}`;
  const facts = [
    `${statusMark(task.status, color, task.reason)}${why}${task.status === 'succeeded' && spent !== undefined ? ` in ${spent}` : ''}`,
    task.status === 'succeeded' ? undefined : spent,
    task.stat === null ? undefined : statText(task.stat),
    task.status !== 'succeeded' || task.delivered === null ? undefined : deliveredText(task.delivered),
    costText(task.cost, task.demo) ?? (task.demo ? 'demo' : undefined),
    run.logIncomplete ? 'transcript incomplete' : undefined,
  ];
  return facts.filter((fact) => fact !== undefined).join(' · ');
}

/** What to do next with a task, as command lines. */
export function nextCommands(task: TaskDetail, commandLine: (rest: string) => string): string[] {
  const id = shortId(task.id);
  if (!isFinal(task.status)) return [`watch ${id}`, `cancel ${id}`].map(commandLine);
  const again = task.reason === 'delivery_failed' ? `pr ${id} --retry` : `retry ${id} -w`;
  const rest = task.status === 'succeeded' ? [`show ${id}`] : [`logs ${id}`, again];
  return [...(task.stat !== null && task.stat.files > 0 ? [`diff ${id}`] : []), ...rest].map(commandLine);
}
