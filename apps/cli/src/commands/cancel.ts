import { isFinal } from '@corch/contract';
import { actOnAll, demandOneWay, type BulkFlags } from '../bulk.js';
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import { parseFilterText } from '../parse/filter.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id...]', 'tasks to cancel')
    .option('--filter <filter>', 'instead of ids: every task that it finds and that is not finished', parseFilterText)
    .option('--dry-run', 'with --filter: only say how many')
    .action((ids: string[], flags: BulkFlags) => invocation.run((context) => cancel(context, ids, flags)));
};

async function cancel(context: Context, ids: readonly string[], flags: BulkFlags): Promise<ExitCode | void> {
  const { named, filter } = demandOneWay(ids.length > 0 ? ids : undefined, flags);
  if (filter === undefined) return cancelEach(context, named);
  return actOnAll(context, 'cancel', { filter, do: { action: 'cancel' } }, flags.dryRun === true);
}

async function cancelEach(context: Context, ids: readonly string[]): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskIds = await Promise.all(ids.map((id) => resolveTaskId(client, id)));
  const cancelled = [];
  for (const taskId of new Set(taskIds)) {
    const task = await client.cancelTask({ params: { taskId } });
    cancelled.push(task);
    if (output.json) continue;
    const state = isFinal(task.status) ? task.status : 'cancelling';
    if (output.isTty) output.data(`${state}  ${shortId(task.id)}  ${oneLine(task.title)}`);
    else output.row([task.id, state]);
    if (state === 'cancelling')
      output.note(`The worker ends it within 10 s: ${context.commandLine(`show ${shortId(task.id)}`)}`);
  }
  if (output.json) output.document(ids.length === 1 ? cancelled[0] : cancelled);
}
