import { chooseApproval } from '../choose-approval.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printDecided } from '../format/approval.js';
import { checkArgument } from '../parse/text-input.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly message?: string;
  readonly interrupt?: true;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'what to deny: its id or the end of it, or its task')
    .option('-m, --message <text>', 'what Claude is told; of a plan, what to change')
    .option('--interrupt', 'stop the turn, too')
    .action((id: string, flags: Flags) => invocation.run((context) => deny(context, id, flags)));
};

async function deny(context: Context, id: string, { message, interrupt }: Flags): Promise<void> {
  if (message !== undefined && checkArgument(message, 'The message').trim() === '') {
    throw new CliError(exitCodes.usage, 'The message is empty.', 'Say why, or leave -m out.');
  }
  const client = await context.client();
  const { id: approvalId } = await chooseApproval(client, id);
  const decided = await client.decideApproval({
    params: { approvalId },
    body: { action: 'deny', interrupt: interrupt === true, ...(message !== undefined && { message }) },
  });
  printDecided(context.output, decided);
}
