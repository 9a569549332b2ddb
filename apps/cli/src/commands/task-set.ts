import type { EditTask, StartBulk } from '@corch/contract';
import { actOnAll, demandOneWay, type BulkFlags } from '../bulk.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { resolveTaskId } from '../ids.js';
import { parseFilterText } from '../parse/filter.js';
import { parseList, parsePriority } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags extends BulkFlags {
  title?: string;
  priority?: number;
  label?: string[];
  unlabel?: string[];
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'a task')
    .option('--title <text>', 'another title, of one task')
    .option('--priority <priority>', 'low, normal, high, or seconds by which it is put ahead', parsePriority)
    .option('--label <label>', 'a label to add (repeat it)', parseList)
    .option('--unlabel <label>', 'a label to take away (repeat it)', parseList)
    .option('--filter <filter>', 'instead of an id: every task that it finds; one change at a time', parseFilterText)
    .option('--dry-run', 'with --filter: only say how many')
    .action((id: string | undefined, flags: Flags) => invocation.run((context) => set(context, id, flags)));
};

async function set(context: Context, id: string | undefined, flags: Flags): Promise<ExitCode | void> {
  const { named, filter } = demandOneWay(id, flags);
  const isLabelled = flags.label !== undefined || flags.unlabel !== undefined;
  if (flags.title === undefined && flags.priority === undefined && !isLabelled) {
    throw new CliError(exitCodes.usage, 'Nothing to change.', 'Give --title, --priority, --label or --unlabel.');
  }
  if (filter === undefined) return setOne(context, named, flags);
  return actOnAll(context, isLabelled ? 'label' : 'move', { filter, do: bulkOf(flags) }, flags.dryRun === true);
}

function bulkOf({ title, priority, label = [], unlabel = [] }: Flags): StartBulk['do'] {
  const isLabelled = label.length + unlabel.length > 0;
  if (title === undefined && priority !== undefined && !isLabelled) return { action: 'priority', priority };
  if (title === undefined && priority === undefined) return { action: 'label', add: label, remove: unlabel };
  throw new CliError(
    exitCodes.usage,
    'With --filter, give either --priority, or --label and --unlabel.',
    'Call it twice.',
  );
}

async function setOne(context: Context, id: string, { title, priority, label, unlabel }: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const edit: EditTask = { ...(title !== undefined && { title }), ...(priority !== undefined && { priority }) };
  if (label !== undefined || unlabel !== undefined) {
    const { labels } = await client.readTask({ params: { taskId } });
    edit.labels = [...new Set([...labels, ...(label ?? [])])].filter((one) => unlabel?.includes(one) !== true);
  }
  const task = await client.editTask({ params: { taskId }, body: edit });
  if (output.json) return output.document(task);
  output.row([task.id, `priority ${task.priority}`, task.labels.join(' ')]);
}
