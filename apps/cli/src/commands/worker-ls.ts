import type { Login, Worker } from '@corch/contract';
import type { Context } from '../context.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import type { Output } from '../output.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { data } = await (await context.client()).listWorkers();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  if (data.length === 0) return output.note(`No workers yet. Start one: ${context.commandLine('worker start')}`);
  await printTable(output, columns(output, Date.now()), data);
  for (const { name, claude } of data) {
    if (claude.problem !== null) output.note(`${name}: ${context.localise(oneLine(claude.problem))}`);
  }
}

function columns({ color }: Output, now: number): Column<Worker>[] {
  const slots = ({ running, capacity }: Worker) => `${running.length}/${capacity}`;
  return [
    { title: 'NAME', flexible: true, cell: ({ name }) => name, raw: ({ name }) => name },
    {
      title: 'STATE',
      cell: ({ state }) => (state === 'online' ? color.green('● online') : color.red('○ offline')),
      raw: ({ state }) => state,
    },
    { title: 'SLOTS', cell: slots, raw: slots },
    { title: 'POOLS', cell: ({ pools }) => pools.join(','), raw: ({ pools }) => pools.join(',') },
    { title: 'CLAUDE', cell: ({ claude }) => claude.version ?? '—', raw: ({ claude }) => claude.version ?? '' },
    { title: 'LOGIN', cell: ({ login }) => loginText(login), raw: ({ login }) => login.kind },
    {
      title: 'SEEN',
      cell: ({ lastSeenAt }) => relativeTime(lastSeenAt, now),
      raw: ({ lastSeenAt }) => lastSeenAt,
    },
    { title: 'ID', cell: ({ id }) => id.slice(-6), raw: ({ id }) => id },
  ];
}

const kinds: Record<Login['kind'], string> = {
  none: 'not signed in',
  api_key: 'API key',
  auth_token: 'auth token',
  oauth_token: 'OAuth token',
  stored: 'signed in',
  cloud_provider: 'cloud provider',
  demo: 'demo',
};

/** A login in words, with the label that a person recognises it by. */
export function loginText({ kind, label }: Login): string {
  return label === null || label === '' ? kinds[kind] : `${kinds[kind]} (${oneLine(label)})`;
}
