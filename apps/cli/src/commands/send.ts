import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { resolveTaskId } from '../ids.js';
import { readWords } from '../parse/words.js';
import { replayedNote } from '../watch/tell-submitted.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

interface Flags {
  interrupt?: boolean;
  watch?: boolean;
  idempotencyKey?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task of Claude; of one that has ended a new run goes on in the same session')
    .argument('<message...>', 'what to say; `-` reads it from standard input')
    .option('-i, --interrupt', 'stop the turn under way first')
    .option('-w, --watch', 'follow the task; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'repeating it with the same key says nothing twice')
    .action((id: string, words: string[], flags: Flags) =>
      invocation.run((context) => send(context, id, words, flags)),
    );
};

async function send(context: Context, id: string, words: readonly string[], flags: Flags): Promise<ExitCode | void> {
  const { output } = context;
  const text = await readWords(context, words, 'The message');
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const sent = await client.sendMessage({
    params: { taskId },
    body: { text, interrupt: flags.interrupt === true },
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
    onReplayed: () => output.note(replayedNote),
  });
  if (flags.watch) return watchTask(context, taskId, false);
  if (output.json) return output.document(sent);
  if (output.quiet) return output.data(sent.messageId);
  if (output.isTty) output.data(sent.opened ? 'The task goes on in the same session.' : 'Said to the run.');
  else output.row([sent.task.id, sent.runId, sent.messageId]);
  output.note(`Follow it: ${context.commandLine(`watch ${shortId(taskId)}`)}`);
}
