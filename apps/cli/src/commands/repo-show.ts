import type { Context } from '../context.js';
import { printRepository } from '../format/repository.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a registered repository')
    .action((name: string) => invocation.run((context) => show(context, name)));
};

async function show(context: Context, repository: string): Promise<void> {
  const client = await context.client();
  const found = await client.readRepository({ params: { repository } });
  const { data } = await client.listSecrets({ params: { repository } });
  printRepository(context.output, found, data);
}
