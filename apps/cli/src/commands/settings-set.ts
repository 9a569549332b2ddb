import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printSettings } from '../format/settings.js';
import { parseDaysOrNone } from '../parse/duration.js';
import { noneIsNull, parseWholeOrNone } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly maxRunning?: number | 'none';
  readonly keepTasks?: number | 'none';
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--max-running <n|none>', 'the most runs at once over all pools', parseWholeOrNone(1, 100_000))
    .option(
      '--keep-tasks <days|none>',
      'how long finished tasks are kept, such as 90d; then they are deleted with everything that belongs to them',
      parseDaysOrNone,
    )
    .action((flags: Flags) => invocation.run((context) => set(context, flags)));
};

async function set(context: Context, { maxRunning, keepTasks }: Flags): Promise<void> {
  if (maxRunning === undefined && keepTasks === undefined) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'Give --max-running, --keep-tasks or both.');
  }
  const body = {
    ...(maxRunning !== undefined && { maxRunning: noneIsNull(maxRunning) }),
    ...(keepTasks !== undefined && { keepTasksDays: noneIsNull(keepTasks) }),
  };
  printSettings(context.output, await (await context.client()).editSettings({ body }));
}
