import { StatisticsGroup, StatisticsRange, type History } from '@corch/contract';
import { Option } from 'commander';
import type { Context } from '../context.js';
import { printField } from '../format/fields.js';
import { column, printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { clock } from '../format/time.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly range: StatisticsRange;
  readonly by: StatisticsGroup;
}

type Group = History['groups'][number];

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .addOption(new Option('--range <range>', 'how far back').choices(StatisticsRange.options).default('7d'))
    .addOption(new Option('--by <what>', 'what to group by').choices(StatisticsGroup.options).default('repository'))
    .action((flags: Flags) => invocation.run((context) => stats(context, flags)));
};

async function stats(context: Context, { range, by }: Flags): Promise<void> {
  const { output } = context;
  const { history } = await (await context.client()).readStatistics({ query: { range, groupBy: by } });
  if (output.json) return output.document(history);
  if (history === undefined)
    return output.note('This orchestrator is too old to tell; bring it to the version of this program.');
  const { total } = history;
  printField(output, 'ended', `${ended(total)} in ${range}`);
  printField(output, 'succeeded', `${total.succeeded} (${share(total)})`);
  printField(output, 'est. cost', `$${total.costUsd}`);
  printField(output, 'waited', spread(total.waitMs));
  printField(output, 'took', spread(total.durationMs));
  if (history.groups.length > 0) await printTable(output, columns(by), history.groups);
  if (history.isPartial) output.note('Older hours are still being summed up: the numbers grow for some minutes.');
  if (history.groupsLeft > 0) output.note(`and ${history.groupsLeft} more`);
}

const ended = ({ succeeded, failed, timedOut, cancelled }: Omit<Group, 'key' | 'durationMs'>) =>
  succeeded + failed + timedOut + cancelled;

/** Of those that came to an end by themselves. */
function share({ succeeded, failed, timedOut }: Omit<Group, 'key' | 'durationMs'>): string {
  const tried = succeeded + failed + timedOut;
  return tried === 0 ? '—' : `${Math.round((100 * succeeded) / tried)} %`;
}

function spread(measured: History['total']['waitMs']): string | undefined {
  return measured === null ? undefined : `${clock(measured.p50)} half of them, ${clock(measured.p95)} 95 %`;
}

function columns(by: StatisticsGroup): Column<Group>[] {
  return [
    column(by.toUpperCase(), ({ key }) => oneLine(key ?? 'none'), { flexible: true }),
    column('ENDED', (group) => String(ended(group))),
    column('SUCCEEDED', share),
    column('EST. COST', ({ costUsd }) => `$${costUsd}`),
    column('MEDIAN', ({ durationMs }) => (durationMs === null ? '—' : clock(durationMs.p50))),
  ];
}
