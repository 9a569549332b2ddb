import type { Enrolment } from '@corch/contract';
import type { Context } from '../context.js';
import { shortId } from '../format/facts.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listEnrolments();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  if (data.length === 0) return output.note(`No enrolment is open. Make one: ${context.commandLine('worker enrol')}`);
  await printTable(output, columns(Date.now()), data);
}

function columns(now: number): Column<Enrolment>[] {
  return [
    { title: 'ID', cell: ({ id }) => shortId(id), raw: ({ id }) => id },
    {
      title: 'MADE BY',
      flexible: true,
      cell: ({ createdBy }) => oneLine(createdBy),
      raw: ({ createdBy }) => oneLine(createdBy),
    },
    { title: 'MADE', cell: ({ createdAt }) => relativeTime(createdAt, now), raw: ({ createdAt }) => createdAt },
    { title: 'EXPIRES', cell: ({ expiresAt }) => relativeTime(expiresAt, now), raw: ({ expiresAt }) => expiresAt },
  ];
}
