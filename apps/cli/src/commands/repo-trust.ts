import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a registered repository')
    .option('--off', 'trust it no longer')
    .addHelpText(
      'after',
      '\nOf a trusted repository Claude Code takes the settings, hooks and MCP servers that it brings: whoever can commit there runs\n' +
        "programs as the worker's user without being asked. It holds from the next claim.",
    )
    .action((name: string, { off }: { off?: boolean }) =>
      invocation.run((context) => trust(context, name, off !== true)),
    );
};

async function trust(context: Context, repository: string, trusted: boolean): Promise<void> {
  const { output } = context;
  if (trusted) await confirm(context, `Let the hooks and settings of ${repository} run on the workers`);
  const edited = await (await context.client()).editRepository({ params: { repository }, body: { trusted } });
  if (output.json) return output.document(edited);
  output.data(output.isTty ? `${edited.trusted ? 'trusted' : 'not trusted'}  ${edited.name}` : edited.name);
}
