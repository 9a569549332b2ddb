import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { resolveTaskId } from '../ids.js';
import { tellSubmitted } from '../watch/tell-submitted.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

interface Flags {
  watch?: boolean;
  continue?: boolean;
  idempotencyKey?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a finished task')
    .option('-c, --continue', 'go on in the same session and files instead of beginning anew')
    .option('-w, --watch', 'follow the new run; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'repeating it with the same key opens no further run')
    .action((id: string, flags: Flags) => invocation.run((context) => retry(context, id, flags)));
};

async function retry(context: Context, id: string, flags: Flags): Promise<ExitCode | void> {
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  let replayed = false;
  const task = await client.retryTask({
    params: { taskId },
    query: { from: flags.continue === true ? 'continue' : 'fresh' },
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
    onReplayed: () => (replayed = true),
  });
  tellSubmitted(context, task, { replayed, watched: flags.watch === true });
  if (flags.watch) return watchTask(context, taskId, false);
}
