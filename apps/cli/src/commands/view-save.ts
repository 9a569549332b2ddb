import type { Context } from '../context.js';
import { findView } from '../find-view.js';
import { parseFilterText } from '../parse/filter.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly share?: boolean;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'what it is called; a view of yours with this name is changed')
    .argument('<filter>', 'such as "status:failed age:<7d"; see docs/filters.md', parseFilterText)
    .option('--share', 'everybody sees it')
    .option('--no-share', 'only you see it')
    .action((name: string, filter: string, flags: Flags) =>
      invocation.run((context) => save(context, name, filter, flags)),
    );
};

async function save(context: Context, name: string, filter: string, { share }: Flags): Promise<void> {
  const client = await context.client();
  const known = await findView(client, name, 'own');
  const shared = share === undefined ? {} : { shared: share };
  const view =
    known === undefined
      ? await client.createView({ body: { name, filter, ...shared } })
      : await client.editView({ params: { viewId: known.id }, body: { filter, ...shared } });
  const { output } = context;
  if (output.json) return output.document(view);
  output.data(view.name);
  output.note(`List it with \`${context.commandLine(`ls --view ${JSON.stringify(view.name)}`)}\`.`);
}
