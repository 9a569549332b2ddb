import type { Repository } from '@corch/contract';
import type { Context } from '../context.js';
import { column, printTable, type Column } from '../format/table.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listRepositories();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ name }) => output.data(name));
  await printTable(output, columns, data);
}

const columns: Column<Repository>[] = [
  column('NAME', ({ name }) => name),
  column('URL', ({ url }) => url, { flexible: true }),
  column('BRANCH', ({ defaultBranch }) => defaultBranch ?? '—'),
  column('TRUSTED', ({ trusted }) => (trusted ? 'yes' : 'no')),
  column(
    'SECRETS',
    ({ gitSecret, apiSecret }) => [...new Set([gitSecret, apiSecret].flatMap((name) => name ?? []))].join(',') || '—',
  ),
];
