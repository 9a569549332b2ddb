import {
  sizeText,
  statuses,
  type AdminStats,
  type NextRemoval,
  type OrchestratorFacts,
  type Status,
} from '@corch/contract';
import type { Context } from '../context.js';
import { printField, showTime } from '../format/fields.js';
import { daysText, sizeLimitText } from '../format/limits.js';
import { column, printTable, type Column } from '../format/table.js';
import { count, oneLine } from '../format/text.js';
import type { Output } from '../output.js';
import type { CommandModule } from './command.js';

/** The longest name and a gap. */
const width = 18;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .addHelpText(
      'after',
      '\nIt needs a key of the scope `admin`. What retention keeps: `corch settings set`, docs/retention.md.',
    )
    .action(() => invocation.run(stats));
};

async function stats(context: Context): Promise<void> {
  const { output } = context;
  const all = await (await context.client()).readAdminStats();
  if (output.json) return output.document(all);
  const field = (name: string, value: string | undefined) => printField(output, name, value, width);
  const { database, stored, retention, workers } = all;
  field('database', databaseText(all, output));
  field('transcripts', bytesText(stored.transcriptBytes, output));
  field('files', bytesText(stored.fileBytes, output));
  field('kept of', count(stored.runs, 'run'));
  field('oldest', showTime(stored.oldestEndedAt, output));
  field('keep-tasks', daysText(retention.keepTasksDays));
  field('keep-transcripts', daysText(retention.keepTranscriptsDays));
  field('max-stored', sizeLimitText(retention.maxStoredMb));
  for (const next of retention.next) field('removed next', nextText(next, output));
  field('removed last', lastText(all, output));
  field('tasks', countsText(all.tasks));
  field('runs', countsText(all.runs));
  field(
    'workers',
    `${workers.online} online, ${workers.offline} offline; ${workers.slotsUsed} of ${workers.slots} slots`,
  );
  field('waits since', showTime(all.oldestQueuedAt, output));
  for (const { pool, queued, running, missing } of all.pools) {
    field(`pool ${oneLine(pool)}`, `${queued} in line, ${running} running, ${count(missing, 'worker')} missing`);
  }
  for (const one of all.orchestrators) field('orchestrator', orchestratorText(one, output));
  if (output.isTty && database.tables.length > 0) await printTable(output, tableColumns, database.tables.slice(0, 8));
}

/** On a screen as disks are sold, in a pipe whole. */
function bytesText(bytes: number, output: Output): string {
  return output.isTty ? sizeText(bytes) : String(bytes);
}

function databaseText({ database: { kind, bytes, freeBytes } }: AdminStats, output: Output): string {
  const free = freeBytes === null || freeBytes === 0 ? '' : `, of which free ${bytesText(freeBytes, output)}`;
  return `${kind}, ${bytesText(bytes, output)}${free}`;
}

function nextText({ what, why, taskId, at }: NextRemoval, output: Output): string {
  const thing = what === 'task' ? `the task ${taskId}` : `transcripts and files of ${taskId}`;
  return why === 'size' ? `${thing}, as more is stored than may be` : `${thing}, ${showTime(at, output)}`;
}

function lastText({ retention: { last } }: AdminStats, output: Output): string | undefined {
  if (last === null) return undefined;
  const what = `${count(last.tasks, 'task')}, transcripts and files of ${count(last.runs, 'run')}`;
  return `${what}, ${bytesText(last.bytes, output)}; ${showTime(last.at, output)}`;
}

function countsText(counts: Record<Status, number>): string {
  const some = statuses.filter((status) => counts[status] > 0);
  return some.length === 0 ? 'none' : some.map((status) => `${counts[status]} ${status}`).join(', ');
}

function orchestratorText({ host, pid, version, memoryBytes, startedAt, isThis }: OrchestratorFacts, output: Output) {
  const memory = memoryBytes === null ? '' : `, memory ${bytesText(memoryBytes, output)}`;
  const which = isThis ? ' (answers here)' : '';
  return `${oneLine(host)} process ${pid}, ${version}${memory}, started ${showTime(startedAt, output)}${which}`;
}

const tableColumns: Column<AdminStats['database']['tables'][number]>[] = [
  column('TABLE', ({ name }) => name),
  column('SIZE', ({ bytes }) => sizeText(bytes)),
  column('ROWS ABOUT', ({ rows }) => String(rows)),
];
