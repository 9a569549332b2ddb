import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a registered repository')
    .addHelpText('after', '\nIts secrets go with it. Its tasks stay, and go on without secrets, trust and defaults.')
    .action((name: string) => invocation.run((context) => remove(context, name)));
};

async function remove(context: Context, repository: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  // So that a wrong name is said before somebody is asked.
  await client.readRepository({ params: { repository } });
  await confirm(context, `Forget the repository ${repository} and its secrets`);
  await client.removeRepository({ params: { repository } });
  if (output.json) return output.document({ removed: repository });
  output.data(output.isTty ? `removed  ${repository}` : repository);
}
