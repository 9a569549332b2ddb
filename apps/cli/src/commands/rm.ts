import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id...>', 'finished tasks to delete, with their runs, transcripts and files')
    .action((ids: string[]) => invocation.run((context) => remove(context, ids)));
};

async function remove(context: Context, ids: readonly string[]): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskIds = [...new Set(await Promise.all(ids.map((id) => resolveTaskId(client, id))))];
  const named = taskIds.length === 1 ? taskIds[0] : count(taskIds.length, 'task');
  await confirm(context, `Delete ${named} with everything that was kept`);
  for (const taskId of taskIds) {
    await client.deleteTask({ params: { taskId } });
    if (!output.json) output.data(output.isTty ? `deleted  ${taskId}` : taskId);
  }
  if (output.json) output.document({ deleted: taskIds });
}
