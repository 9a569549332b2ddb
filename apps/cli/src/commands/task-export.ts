import { ExportFormat, exportHead, exportLine } from '@corch/contract';
import { Option } from 'commander';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { parseFilterText } from '../parse/filter.js';
import type { CommandModule } from './command.js';

interface Flags {
  readonly format: ExportFormat;
  readonly filter?: string;
}

const pageSize = 200;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .addOption(new Option('--format <format>', 'csv, or jsonl').choices(ExportFormat.options).default('csv'))
    .option('--filter <filter>', 'which tasks, such as "status:failed age:<7d"; see docs/filters.md', parseFilterText)
    .action((flags: Flags) => invocation.run((context) => exportTasks(context, flags)));
};

/** Page by page, so that a million tasks need no more memory than a few. */
async function exportTasks(context: Context, { format, filter }: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const write = (text: string) => output.bytes(Buffer.from(text));
  write(exportHead(format));
  let written = 0;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await client.listTasks({ query: { filter, limit: pageSize, cursor } });
    write(page.data.map((task) => exportLine(format, task)).join(''));
    written += page.data.length;
    cursor = page.nextCursor;
  }
  output.note(`${count(written, 'task')} exported.`);
}
