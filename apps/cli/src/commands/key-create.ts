import { Scope } from '@corch/contract';
import { Option } from 'commander';
import type { Context } from '../context.js';
import { parseMoment } from '../parse/moment.js';
import type { CommandModule } from './command.js';

interface Flags {
  scope: Scope;
  expires?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'what you will recognise it by')
    .addOption(
      new Option('--scope <scope>', 'what it may do; submit means running code as the user of the worker')
        .choices(Scope.options)
        .default('submit'),
    )
    .option('--expires <time>', 'until when it works: +30d, 2027-01-01', parseMoment)
    .action((name: string, flags: Flags) => invocation.run((context) => create(context, name, flags)));
};

async function create(context: Context, name: string, { scope, expires }: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const created = await client.createKey({ body: { name, scope, ...(expires && { expiresAt: expires }) } });
  if (output.json) return output.document(created);
  output.data(created.key);
  output.note(`Key ${created.name} (${created.id}, scope ${created.scope}). It is shown this once: keep it now.`);
}
