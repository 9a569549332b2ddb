import type { Context } from '../context.js';
import { shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a running task of Claude')
    .action((id: string) => invocation.run((context) => interrupt(context, id)));
};

async function interrupt(context: Context, id: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const task = await client.interruptTask({ params: { taskId } });
  if (output.json) return output.document(task);
  if (output.isTty) output.data(`interrupting  ${shortId(task.id)}  ${oneLine(task.title)}`);
  else output.row([task.id, 'interrupting']);
  output.note(`It waits for a message then: ${context.commandLine(`send ${shortId(task.id)} "…"`)}`);
}
