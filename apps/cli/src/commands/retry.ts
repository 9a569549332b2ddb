import { actOnAll, demandOneWay, type BulkFlags } from '../bulk.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { resolveTaskId } from '../ids.js';
import { parseFilterText } from '../parse/filter.js';
import { tellSubmitted } from '../watch/tell-submitted.js';
import { watchTask } from '../watch/watch-task.js';
import type { CommandModule } from './command.js';

interface Flags extends BulkFlags {
  watch?: boolean;
  continue?: boolean;
  idempotencyKey?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'a finished task')
    .option('-c, --continue', 'go on in the same session and files instead of beginning anew')
    .option('-w, --watch', 'follow the new run; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'repeating it with the same key opens no further run')
    .option('--filter <filter>', 'instead of an id: every task that it finds and that is finished', parseFilterText)
    .option('--dry-run', 'with --filter: only say how many')
    .action((id: string | undefined, flags: Flags) => invocation.run((context) => retry(context, id, flags)));
};

async function retry(context: Context, id: string | undefined, flags: Flags): Promise<ExitCode | void> {
  const { named, filter } = demandOneWay(id, flags);
  const from = flags.continue === true ? 'continue' : 'fresh';
  if (filter === undefined) return retryOne(context, named, from, flags);
  if (flags.watch === true || flags.idempotencyKey !== undefined) {
    throw new CliError(
      exitCodes.usage,
      '--watch and --idempotency-key go with one task.',
      'Leave them out with --filter.',
    );
  }
  return actOnAll(context, 'retry', { filter, do: { action: 'retry', from } }, flags.dryRun === true);
}

async function retryOne(
  context: Context,
  id: string,
  from: 'continue' | 'fresh',
  flags: Flags,
): Promise<ExitCode | void> {
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  let replayed = false;
  const task = await client.retryTask({
    params: { taskId },
    query: { from },
    ...(flags.idempotencyKey && { idempotencyKey: flags.idempotencyKey }),
    onReplayed: () => (replayed = true),
  });
  tellSubmitted(context, task, { replayed, watched: flags.watch === true });
  if (flags.watch) return watchTask(context, taskId, false);
}
