import { z } from 'zod';
import { chooseApproval } from '../choose-approval.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printDecided } from '../format/approval.js';
import { readText } from '../parse/text-input.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly forRun?: true;
  readonly input?: string;
}

const Input = z.record(z.string(), z.json());

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'what to allow: its id or the end of it, or its task')
    .option('--for-run', 'also allow what is alike and comes later in this run')
    .option('--input <file>', 'use this input in place of what was asked for: JSON, or stdin for -')
    .action((id: string, flags: Flags) => invocation.run((context) => approve(context, id, flags)));
};

async function approve(context: Context, id: string, { forRun, input }: Flags): Promise<void> {
  const { output, terminal } = context;
  if (forRun && input !== undefined) {
    throw new CliError(exitCodes.usage, 'An input is changed for one call alone.', 'Give --for-run or --input.');
  }
  const client = await context.client();
  const approval = await chooseApproval(client, id);
  const changed =
    input === undefined ? undefined : parseInput(await readText(input, context.config.cwd, terminal.stdin), input);
  const decided = await client.decideApproval({
    params: { approvalId: approval.id },
    body: { action: 'allow', scope: forRun ? 'run' : 'once', ...(changed !== undefined && { input: changed }) },
  });
  printDecided(output, decided);
  if (forRun && decided.grant !== null) output.note(`From now on in this run: ${decided.grant}.`);
}

/** @throws {CliError} when it is no JSON object */
function parseInput(text: string, file: string): z.infer<typeof Input> {
  try {
    return Input.parse(JSON.parse(text));
  } catch (error) {
    const hint = 'Take the input from `corch inbox --json`, change it, and give the whole object.';
    throw new CliError(exitCodes.invalid, `${file === '-' ? 'What came from stdin' : file} is no JSON object.`, hint, {
      cause: error,
    });
  }
}
