import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .argument('<name>', 'the name of the secret')
    .action((repository: string, name: string) => invocation.run((context) => remove(context, repository, name)));
};

async function remove(context: Context, repository: string, secret: string): Promise<void> {
  const { output } = context;
  await confirm(context, `Remove the secret ${secret} of ${repository}; runs that need it will fail`);
  await (await context.client()).removeSecret({ params: { repository, secret } });
  if (output.json) return output.document({ removed: secret });
  output.data(output.isTty ? `removed  ${repository}/${secret}` : secret);
}
