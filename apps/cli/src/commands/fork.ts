import type { Context } from '../context.js';
import { chooseRun } from '../choose-run.js';
import type { ExitCode } from '../exit-codes.js';
import { resolveTaskId } from '../ids.js';
import { parseWhole } from '../parse/values.js';
import { readWords } from '../parse/words.js';
import { tellSubmitted } from '../watch/tell-submitted.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

interface Flags {
  run?: number;
  watch?: boolean;
  idempotencyKey?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task of Claude')
    .argument(
      '[prompt...]',
      'what the new task shall do; `-` reads it from standard input; without it Claude goes on as it stood',
    )
    .option('--run <n>', 'the run of the task to fork; the last one when absent', parseWhole(1, 10_000))
    .option('-w, --watch', 'follow the new task; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'repeating it with the same key opens no further task')
    .action((id: string, words: string[], flags: Flags) =>
      invocation.run((context) => fork(context, id, words, flags)),
    );
};

async function fork(context: Context, id: string, words: readonly string[], flags: Flags): Promise<ExitCode | void> {
  const prompt = words.length === 0 ? undefined : await readWords(context, words, 'The prompt');
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const { run: attempt } = flags;
  const run = attempt === undefined ? undefined : await chooseRun(client, taskId, { attempt, runId: undefined });
  let replayed = false;
  const task = await client.forkTask({
    params: { taskId },
    body: { ...(prompt !== undefined && { prompt }), ...(run && { runId: run.id }) },
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
    onReplayed: () => (replayed = true),
  });
  tellSubmitted(context, task, { replayed, watched: flags.watch === true });
  if (flags.watch) return watchTask(context, task.id, false);
}
