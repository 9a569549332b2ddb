import { isFinal, type TaskExplanation } from '@corch/contract';
import type { Context } from '../context.js';
import { shortId, statusMark } from '../format/facts.js';
import { printField } from '../format/fields.js';
import { count, oneLine } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import { tellNext } from '../watch/tell-next.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task or run: the whole id, or its end')
    .action((id: string) => invocation.run((context) => why(context, id)));
};

async function why(context: Context, id: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const found = await client.explainTask({ params: { taskId: await resolveTaskId(client, id) } });
  if (output.json) return output.document(found);
  const { status, reason, reasonText, hint, ahead, workers } = found;
  printField(output, 'id', found.taskId);
  printField(output, 'status', statusMark(status, output.color, reason));
  printField(output, 'reason', reasonText === null ? undefined : context.sentence(reasonText));
  printField(output, 'next', hint === null ? undefined : context.sentence(hint));
  printField(output, 'in line', status === 'queued' ? placeText(ahead) : undefined);
  for (const { name, obstacle } of workers) {
    const part = obstacle === null ? 'could take it' : context.sentence(obstacle);
    printField(output, 'worker', `${oneLine(name)}: ${part}`);
  }
  if (reasonText === null && !isFinal(status)) output.note('Nothing holds it up.');
  tellNext(context, nextOf(found).map(context.commandLine));
}

function placeText(ahead: number | null): string {
  if (ahead === null) return 'more than 1,000 runs go first';
  return ahead === 0 ? 'it is next' : `${count(ahead, 'run')} of its pool ${ahead === 1 ? 'goes' : 'go'} first`;
}

function nextOf({ taskId, status, reason }: TaskExplanation): string[] {
  const id = shortId(taskId);
  if (reason === 'worker_unreachable') return [`task release ${id}`, `worker ls`];
  if (isFinal(status)) return [`show ${id}`];
  return status === 'queued' ? ['worker ls', `cancel ${id}`] : [`watch ${id}`, `cancel ${id}`];
}
