import { BulkId, type Bulk } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import type { Context } from '../context.js';
import { printField } from '../format/fields.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import { matchIds, pickOne } from '../ids.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly stop?: boolean;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'one of them: the whole id, or the end of one that is listed')
    .option('--stop', 'leave the rest of it as it is')
    .action((id: string | undefined, flags: Flags) => invocation.run((context) => bulk(context, id, flags)));
};

async function bulk(context: Context, id: string | undefined, { stop }: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  if (id === undefined) return list(context, (await client.listBulks()).data);
  const bulkId = BulkId.safeParse(id).success ? id : await newestByPart(client, id);
  const call = stop === true ? client.stopBulk : client.readBulk;
  const found = await call({ params: { bulkId } });
  if (output.json) return output.document(found);
  printField(output, 'id', found.id);
  printField(output, 'action', what(found));
  printField(output, 'status', found.status);
  printField(output, 'done', `${found.done} of ${found.total}`);
  printField(output, 'failed', found.failed === 0 ? undefined : String(found.failed));
  for (const { taskId, message } of found.failures) printField(output, 'not done', `${taskId}: ${oneLine(message)}`);
}

async function newestByPart(client: Client, part: string): Promise<string> {
  const { data } = await client.listBulks();
  const describe = (one: Bulk) => `${one.id}  ${what(one)}`;
  return pickOne(part, matchIds(part, data), 'action', describe, 'corch task bulk').id;
}

async function list({ output, commandLine }: Context, data: readonly Bulk[]): Promise<void> {
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  if (data.length === 0) {
    return output.note(`None yet. Count one first: ${commandLine(`task retry --filter 'status:failed' --dry-run`)}`);
  }
  await printTable(output, columns(Date.now()), data);
}

function columns(now: number): Column<Bulk>[] {
  return [
    { title: 'ID', cell: ({ id }) => id.slice(-6), raw: ({ id }) => id },
    { title: 'ACTION', cell: what, raw: what, flexible: true },
    { title: 'STATUS', cell: ({ status }) => status, raw: ({ status }) => status },
    {
      title: 'DONE',
      cell: ({ done, total, failed }) => `${done}/${total}${failed > 0 ? `, ${failed} failed` : ''}`,
      raw: ({ done, total }) => `${done}/${total}`,
    },
    { title: 'BY', cell: ({ by }) => oneLine(by), raw: ({ by }) => by },
    { title: 'STARTED', cell: ({ createdAt }) => relativeTime(createdAt, now), raw: ({ createdAt }) => createdAt },
  ];
}

function what({ do: action, filter }: Bulk): string {
  return oneLine(`${action.action} ${filter === null ? 'named tasks' : filter || 'every task'}`);
}
