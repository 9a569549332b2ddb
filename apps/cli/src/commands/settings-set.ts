import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printSettings } from '../format/settings.js';
import { parseDaysOrNone, parseDuration } from '../parse/duration.js';
import { noneIsNull, parseWholeOrNone } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly maxRunning?: number | 'none';
  readonly keepTasks?: number | 'none';
  readonly approvalWait?: number;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--max-running <n|none>', 'the most runs at once over all pools', parseWholeOrNone(1, 100_000))
    .option(
      '--keep-tasks <days|none>',
      'how long finished tasks are kept, such as 90d; then they are deleted with everything that belongs to them',
      parseDaysOrNone,
    )
    .option(
      '--approval-wait <time>',
      'how long a worker keeps a run that waits for a decision, such as 10m; then its slot is free until it is decided',
      parseDuration,
    )
    .action((flags: Flags) => invocation.run((context) => set(context, flags)));
};

async function set(context: Context, { maxRunning, keepTasks, approvalWait }: Flags): Promise<void> {
  if (maxRunning === undefined && keepTasks === undefined && approvalWait === undefined) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'Give --max-running, --keep-tasks or --approval-wait.');
  }
  const body = {
    ...(maxRunning !== undefined && { maxRunning: noneIsNull(maxRunning) }),
    ...(keepTasks !== undefined && { keepTasksDays: noneIsNull(keepTasks) }),
    ...(approvalWait !== undefined && { approvalWaitSeconds: approvalWait }),
  };
  printSettings(context.output, await (await context.client()).editSettings({ body }));
}
