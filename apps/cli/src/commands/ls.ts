import { repositoryName, statuses, type Status, type Task, type View } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { Option } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { findView } from '../find-view.js';
import { costText, shortId, statText, statusMark } from '../format/facts.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { elapsed, relativeTime } from '../format/time.js';
import type { Output } from '../output.js';
import { parseFilterText } from '../parse/filter.js';
import { parseSince } from '../parse/moment.js';
import { parseList, parseWhole } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  status?: Status[];
  pool?: string[];
  label?: string[];
  search?: string;
  filter?: string;
  view?: string;
  since?: string;
  limit: number;
}

/** One answer of the API holds at most this many. */
const pageSize = 200;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .addOption(new Option('--status <status,…>', `any of ${statuses.join(', ')}`).argParser(parseList))
    .option('--pool <name,…>', 'in any of these pools', parseList)
    .option('--label <label>', 'that carry this label (repeat it: all of them)', parseList)
    .option('--search <text>', 'text in the title or the prompt')
    .option(
      '--filter <filter>',
      'all of it at once, such as "status:failed repo:acme/* age:<7d"; see docs/filters.md',
      parseFilterText,
    )
    .option('--view <name>', 'the filter of a saved view')
    .option('--since <time>', 'submitted after a time or within an age, such as 7d or 2026-12-01', parseSince)
    .option('--limit <n>', 'at most this many', parseWhole(1, 10_000), 30)
    .action(() => invocation.run((context) => list(context, command.opts<Flags>())));
};

async function list(context: Context, flags: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const view = flags.view === undefined ? undefined : await demandView(client, flags.view);
  const filter = [view?.filter ?? '', flags.filter ?? ''].join(' ').trim();
  const query = {
    ...(flags.status && { status: flags.status }),
    ...(flags.pool && { pool: flags.pool }),
    ...(flags.label && { label: flags.label }),
    ...(flags.search && { q: flags.search }),
    ...(filter !== '' && { filter }),
    ...(view !== undefined && { sort: view.sort }),
    ...(flags.since && { createdAfter: flags.since }),
  };
  const tasks: Task[] = [];
  let cursor: string | undefined;
  let total: { value: number; relation: string };
  do {
    const limit = Math.min(pageSize, flags.limit - tasks.length);
    const page = await client.listTasks({ query: { ...query, limit, ...(cursor && { cursor }) } });
    tasks.push(...page.data);
    total = page.total;
    cursor = page.hasMore && page.nextCursor !== null ? page.nextCursor : undefined;
  } while (cursor !== undefined && tasks.length < flags.limit);

  if (output.json) return output.document(tasks);
  if (output.quiet) return tasks.forEach(({ id }) => output.data(id));
  if (tasks.length === 0) {
    const isFiltered = Object.keys(query).length > 0;
    output.note(isFiltered ? 'No task fits.' : `No tasks yet. Submit one: ${context.commandLine('run "…"')}`);
    return;
  }
  await printTable(output, columns(output, Date.now()), tasks);
  if (tasks.length < total.value) {
    output.note(
      `${tasks.length} of ${total.value}${total.relation === 'gte' ? ' or more' : ''}; see more with --limit.`,
    );
  }
}

async function demandView(client: Client, name: string): Promise<View> {
  const view = await findView(client, name, 'any');
  if (view !== undefined) return view;
  throw new CliError(exitCodes.notFound, `There is no view ${name}.`, 'List them with `corch view ls`.');
}

function columns({ color }: Output, now: number): Column<Task>[] {
  return [
    { title: 'ID', cell: ({ id }) => color.bold(shortId(id)), raw: ({ id }) => id },
    { title: 'STATUS', cell: ({ status, reason }) => statusMark(status, color, reason), raw: ({ status }) => status },
    {
      title: 'TITLE',
      flexible: true,
      cell: (task) => `${task.demo ? '[demo] ' : ''}${oneLine(task.title)}`,
      raw: ({ title }) => oneLine(title),
    },
    {
      title: 'WHERE',
      cell: (task) => (task.repository ? repositoryName(task.repository) : '—'),
      raw: ({ repository }) => (repository === undefined ? '' : 'url' in repository ? repository.url : repository.path),
    },
    {
      title: 'CHANGE',
      cell: ({ stat }) => (stat === null ? '—' : statText(stat).replace(/ in .*/, '')),
      raw: ({ stat }) => (stat === null ? '' : `+${stat.additions} -${stat.deletions}`),
    },
    {
      title: 'TIME',
      cell: (task) => elapsed(task.startedAt, task.endedAt, now) ?? '—',
      raw: ({ endedAt }) => endedAt ?? '',
    },
    { title: 'COST', cell: ({ cost }) => costText(cost) ?? '—', raw: ({ cost }) => cost?.amount ?? '' },
    {
      title: 'SUBMITTED',
      cell: ({ createdAt }) => relativeTime(createdAt, now),
      raw: ({ createdAt }) => createdAt,
    },
  ];
}
