import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { buildTask, type Said } from '../submit/build-task.js';
import { addRunFlags, type RunFlags } from '../submit/run-flags.js';
import { tellSubmitted } from '../watch/tell-submitted.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  addRunFlags(command)
    .argument('[prompt...]', 'what Claude shall do, in quotes; - reads it from stdin')
    .usage('[options] "<prompt>"\n       corch run [options] -- <program> [argument…]')
    .action((words: string[], flags: RunFlags) =>
      invocation.run((context) => submit(context, { words, behindDashes: invocation.behindDashes }, flags)),
    );
};

async function submit(context: Context, said: Said, flags: RunFlags): Promise<ExitCode | void> {
  const body = await buildTask(context, said, flags);
  const client = await context.client();
  let replayed = false;
  const task = await client.submitTask({
    body,
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
    onReplayed: () => (replayed = true),
  });
  tellSubmitted(context, task, { replayed, watched: flags.watch === true });
  if (flags.watch) return watchTask(context, task.id, false);
}
