import type { Backoff, Run, TaskDetail } from '@corch/contract';
import type { Context } from '../context.js';
import { costText, deliveredText, statText, statusMark } from '../format/facts.js';
import { printField, showTime, type Field } from '../format/fields.js';
import { oneLine, plain } from '../format/text.js';
import { elapsed, spanText } from '../format/time.js';
import { resolveTaskId } from '../ids.js';
import type { Output } from '../output.js';
import { nextCommands } from '../watch/outcome.js';
import { tellNext } from '../watch/tell-next.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task or run: the whole id, or its end')
    .action((id: string) => invocation.run((context) => show(context, id)));
};

async function show(context: Context, id: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const [task, runs] = await Promise.all([
    client.readTask({ params: { taskId } }),
    client.listTaskRuns({ params: { taskId } }),
  ]);
  if (output.json) return output.document({ ...task, runs: runs.data });
  const fields = [...taskFields(task, context), ...runs.data.map((run) => runField(run, runs.data, output))];
  for (const [name, value] of fields) printField(output, name, value);
  const answer = task.currentRun.result?.text;
  if (answer) printField(output, 'answer', plain(answer).trim());
  const structured = task.currentRun.result?.structured;
  if (structured !== undefined) printField(output, 'structured', JSON.stringify(structured));
  tellNext(context, nextCommands(task, context.commandLine));
}

function taskFields(task: TaskDetail, context: Context): Field[] {
  const { spec } = task;
  const time = (iso: string | null) => showTime(iso, context.output);
  const place =
    task.repository === undefined ? undefined : 'url' in task.repository ? task.repository.url : task.repository.path;
  return [
    ['id', task.id],
    ['title', oneLine(task.title)],
    ['status', statusMark(task.status, context.output.color, task.reason)],
    ['reason', task.reasonText === null ? undefined : context.sentence(task.reasonText)],
    ['next', task.hint === null ? undefined : context.sentence(task.hint)],
    ['goes on', task.status === 'waiting' ? time(task.currentRun.readyAt) : undefined],
    ['demo', task.demo ? 'yes: scripted model, no cost' : undefined],
    ['prompt', spec.prompt === undefined ? undefined : plain(spec.prompt).trim()],
    ['command', spec.command === undefined ? undefined : JSON.stringify(spec.command)],
    ['repository', task.repositoryName === null ? place : `${task.repositoryName} (${place})`],
    ['start from', task.ref === null ? undefined : `${task.ref}${startText(task)}`],
    ['branch', task.branch ?? undefined],
    ['change', task.stat === null ? undefined : statText(task.stat)],
    ['delivered', task.delivered === null ? undefined : deliveredText(task.delivered)],
    ['cost', costText(task.cost, task.demo)],
    ['model', spec.model],
    ['policy', spec.executor === 'claude' ? spec.permissionPolicy : undefined],
    ['pool', task.pool],
    ['requires', listed(task.requirements)],
    ['labels', listed(task.labels)],
    ['priority', task.priority === 0 ? undefined : String(task.priority)],
    [
      'key',
      task.concurrencyKey === null ? undefined : `${oneLine(task.concurrencyKey)} (${task.concurrencyLimit} at once)`,
    ],
    ['timeout', `${spec.timeoutSeconds} s, ${spec.idleTimeoutSeconds} s without output`],
    ['retries', task.retries === 0 ? undefined : String(task.retries)],
    ['backoff', backoffText(task.backoff)],
    ['worker', task.workerName ?? undefined],
    ['submitted', `${time(task.createdAt)} by ${oneLine(task.submittedBy)}`],
    ['not before', time(task.startAt)],
    ['started', time(task.startedAt)],
    ['ended', time(task.endedAt)],
    ['address', task.url],
  ];
}

/** Whose branch that is. */
function startText({ startsFrom }: TaskDetail): string {
  return startsFrom === null ? '' : ` (the change of ${startsFrom.taskId})`;
}

function runField(run: Run, all: readonly Run[], output: Output): Field {
  const before = all.find(({ id }) => id === run.continuesRunId);
  const spent = elapsed(run.startedAt, run.endedAt, Date.now());
  const facts = [
    run.id,
    `${statusMark(run.status, output.color, run.reason)}${run.reason === null ? '' : ` (${run.reason})`}`,
    run.trigger,
    before === undefined ? undefined : `goes on where run ${before.attempt} stopped`,
    run.workerName ?? undefined,
    spent,
    run.stat === null ? undefined : statText(run.stat),
    costText(run.cost, run.demo),
    run.exit?.message ? oneLine(run.exit.message) : undefined,
    run.confirmed === false ? 'end not confirmed by the worker' : undefined,
    run.sessionId === null ? undefined : `session ${run.sessionId}`,
  ];
  return [`run ${run.attempt}`, facts.filter((fact) => fact !== undefined).join(' · ')];
}

function listed(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(', ');
}

/** The pause after a failed run, also one that no retry is counted for. */
function backoffText({ type, delayMs, maxMs }: Backoff): string {
  return type === 'fixed' ? `fixed, ${spanText(delayMs)}` : `exponential, ${spanText(delayMs)} to ${spanText(maxMs)}`;
}
