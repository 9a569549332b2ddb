import type { WantedWorkers } from '@corch/contract';
import type { Context } from '../context.js';
import { column, printTable, type Column } from '../format/table.js';
import { parseWhole } from '../parse/values.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[pool]', 'the name of a pool; all of them when absent')
    .option('--size <n>', 'how many runs at once a new worker takes; as the usual one when absent', parseWhole(1, 1000))
    .addHelpText(
      'after',
      '\nWANTED: so many workers in all fill what runs and what could start now, under every limit. MISSING: so many beside' +
        '\nthose that are online. For scripts: `corch pool wanted NAME --json` or GET /api/v1/pools/wanted (docs/autoscaling.md).',
    )
    .action((pool: string | undefined, { size }: { size?: number }) =>
      invocation.run((context) => wanted(context, pool, size)),
    );
};

async function wanted(context: Context, pool: string | undefined, size: number | undefined): Promise<void> {
  const { output } = context;
  const query = { ...(pool !== undefined && { pool }), ...(size !== undefined && { size }) };
  const { data } = await (await context.client()).listWantedWorkers({ query });
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ missing }) => output.data(String(missing)));
  await printTable(output, columns, data);
}

const number = (title: string, of: (one: WantedWorkers) => number) =>
  column<WantedWorkers>(title, (one) => String(of(one)));

const columns: Column<WantedWorkers>[] = [
  column('POOL', ({ pool }) => pool, { flexible: true }),
  number('IN LINE', ({ queued }) => queued),
  number('COULD START', ({ startable }) => startable),
  number('RUNNING', ({ running }) => running),
  number('FREE', ({ freeSlots }) => freeSlots),
  number('WORKERS', ({ workersOnline }) => workersOnline),
  number('SIZE', ({ workerSize }) => workerSize),
  number('WANTED', ({ wanted: all }) => all),
  number('MISSING', ({ missing }) => missing),
];
