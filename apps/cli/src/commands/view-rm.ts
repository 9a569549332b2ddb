import { CliError } from '../cli-error.js';
import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { findView } from '../find-view.js';
import { oneLine } from '../format/text.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a view of yours')
    .action((name: string) => invocation.run((context) => remove(context, name)));
};

async function remove(context: Context, name: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const view = await findView(client, name, 'own');
  if (view === undefined) {
    throw new CliError(exitCodes.notFound, `You have no view ${name}.`, 'List them with `corch view ls`.');
  }
  await confirm(context, `Delete the view ${view.name}`);
  await client.deleteView({ params: { viewId: view.id } });
  if (output.json) return output.document({ removed: view.name });
  output.data(output.isTty ? `removed  ${oneLine(view.name)}` : view.name);
}
