import type { Pool } from '@corch/contract';
import type { Context } from '../context.js';
import { limitText, timeLimitText } from '../format/limits.js';
import { printTable, type Column } from '../format/table.js';
import type { Output } from '../output.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listPools();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ name }) => output.data(name));
  await printTable(output, columns(output), data);
}

function columns({ color }: Output): Column<Pool>[] {
  const number = (title: string, of: (pool: Pool) => number): Column<Pool> => ({
    title,
    cell: (pool) => String(of(pool)),
    raw: (pool) => String(of(pool)),
  });
  return [
    { title: 'NAME', flexible: true, cell: ({ name }) => name, raw: ({ name }) => name },
    {
      title: 'STATE',
      cell: ({ paused }) => (paused ? color.yellow('paused') : 'active'),
      raw: ({ paused }) => (paused ? 'paused' : 'active'),
    },
    number('QUEUED', ({ queued }) => queued),
    number('RUNNING', ({ running }) => running),
    {
      title: 'AT MOST',
      cell: ({ concurrency }) => limitText(concurrency),
      raw: ({ concurrency }) => limitText(concurrency),
    },
    {
      title: 'LOST AFTER',
      cell: ({ lostAfterCapSeconds }) => timeLimitText(lostAfterCapSeconds),
      raw: ({ lostAfterCapSeconds }) => timeLimitText(lostAfterCapSeconds),
    },
    number('WORKERS', ({ workersOnline }) => workersOnline),
  ];
}
