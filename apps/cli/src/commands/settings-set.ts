import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printSettings } from '../format/settings.js';
import { parseDaysOrNone, parseDuration } from '../parse/duration.js';
import { parseSizeOrNone } from '../parse/size.js';
import { noneIsNull, parseWholeOrNone } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly maxRunning?: number | 'none';
  readonly keepTasks?: number | 'none';
  readonly keepTranscripts?: number | 'none';
  readonly maxStored?: number | 'none';
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
      '--keep-transcripts <days|none>',
      'how long finished tasks keep transcripts and files, such as 14d; status, result and cost stay',
      parseDaysOrNone,
    )
    .option(
      '--max-stored <size|none>',
      'the most that transcripts and files take, such as 20GB; above it those of the tasks that ended first go',
      parseSizeOrNone,
    )
    .option(
      '--approval-wait <time>',
      'how long a worker keeps a run that waits for a decision, such as 10m; then its slot is free until it is decided',
      parseDuration,
    )
    .action((flags: Flags) => invocation.run((context) => set(context, flags)));
};

async function set(context: Context, flags: Flags): Promise<void> {
  const { maxRunning, keepTasks, keepTranscripts, maxStored, approvalWait } = flags;
  const body = {
    ...(maxRunning !== undefined && { maxRunning: noneIsNull(maxRunning) }),
    ...(keepTasks !== undefined && { keepTasksDays: noneIsNull(keepTasks) }),
    ...(keepTranscripts !== undefined && { keepTranscriptsDays: noneIsNull(keepTranscripts) }),
    ...(maxStored !== undefined && { maxStoredMb: noneIsNull(maxStored) }),
    ...(approvalWait !== undefined && { approvalWaitSeconds: approvalWait }),
  };
  if (Object.keys(body).length === 0) {
    const names = '--max-running, --keep-tasks, --keep-transcripts, --max-stored or --approval-wait';
    throw new CliError(exitCodes.usage, 'Nothing to set.', `Give ${names}.`);
  }
  printSettings(context.output, await (await context.client()).editSettings({ body }));
}
