import type { View } from '@corch/contract';
import type { Context } from '../context.js';
import { column, printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listViews();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ name }) => output.data(oneLine(name)));
  if (data.length === 0) {
    return output.note(`No views yet. Save one: ${context.commandLine(`view save failing 'status:failed age:<7d'`)}`);
  }
  await printTable(output, columns, data);
}

const columns: Column<View>[] = [
  column('NAME', ({ name }) => oneLine(name)),
  column('FILTER', ({ filter }) => oneLine(filter), { flexible: true }),
  column('SHARED', ({ shared }) => (shared ? 'yes' : 'no')),
  column('OWNER', ({ owner, mine }) => (mine ? 'you' : oneLine(owner))),
];
