import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { newestTask, resolveTaskId } from '../ids.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'a task or run; the newest running task when absent')
    .option('--full', 'also prompts, thinking and what tools answered')
    .addHelpText(
      'after',
      '\nThe exit code tells how the task ended: 0 succeeded, 3 failed, cancelled or timed out, 9 budget or plan limit.\n' +
        'A task that waits for a plan limit has not ended: it goes on by itself, and so does this.',
    )
    .action((id: string | undefined, flags: { full?: boolean }) =>
      invocation.run((context) => watch(context, id, flags.full === true)),
    );
};

async function watch(context: Context, id: string | undefined, full: boolean): Promise<ExitCode> {
  const client = await context.client();
  if (id !== undefined) return watchTask(context, await resolveTaskId(client, id), full);
  const task = await newestTask(client, true);
  const which = task.status === 'running' ? 'newest running task' : 'newest task';
  context.output.note(`Watching ${shortId(task.id)}, the ${which}.`);
  return watchTask(context, task.id, full);
}
