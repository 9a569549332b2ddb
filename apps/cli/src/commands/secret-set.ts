import { SetSecret, type SecretUse } from '@corch/contract';
import { Option } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { readSecretValue } from '../parse/secret-input.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly for?: readonly SecretUse[];
  readonly username?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .argument('[name]', 'what the secret is called', 'token')
    .addOption(
      new Option('--for <use...>', 'what it is for; when absent, whatever has no secret yet').choices(['git', 'api']),
    )
    .option('--username <name>', 'the name that goes with it, where the server asks for one')
    .addHelpText(
      'after',
      '\nThe value is read from stdin, or asked for on a screen; it never stands on the command line: `corch secret set api < token.txt`.\n' +
        'It is kept encrypted, never shown again, and given to nobody but the worker that holds a run of this repository.',
    )
    .action((repository: string, name: string, flags: Flags) =>
      invocation.run((context) => set(context, repository, name, flags)),
    );
};

async function set(context: Context, repository: string, secret: string, flags: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  // So that a wrong name is said before somebody types a password.
  await client.readRepository({ params: { repository } });
  const value = await readSecretValue(context, `The value of ${secret} for ${repository}`);
  const body = {
    value,
    ...(flags.username !== undefined && { username: flags.username }),
    ...(flags.for !== undefined && { uses: [...flags.for] }),
  };
  const wrong = SetSecret.safeParse(body).error?.issues[0];
  if (wrong !== undefined) throw new CliError(exitCodes.invalid, `The ${String(wrong.path[0])} ${wrong.message}.`);
  const set = await client.setSecret({ params: { repository, secret }, body });
  if (output.json) return output.document(set);
  output.data(output.isTty ? `set  ${repository}/${set.name}` : set.name);
  output.note(
    set.uses.length === 0
      ? `Nothing uses it yet: ${context.commandLine(`repo set ${repository} --git-secret ${set.name}`)}`
      : `Used for ${set.uses.join(' and ')}.`,
  );
}
