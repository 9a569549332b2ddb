import type { Key } from '@corch/contract';
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
  const { data } = await (await context.client()).listKeys();
  if (output.json) return output.document(data);
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  await printTable(output, columns(Date.now()), data);
}

function columns(now: number): Column<Key>[] {
  const when = (iso: string | null) => (iso === null ? '—' : relativeTime(iso, now));
  return [
    { title: 'ID', cell: ({ id }) => shortId(id), raw: ({ id }) => id },
    { title: 'NAME', flexible: true, cell: ({ name }) => oneLine(name), raw: ({ name }) => oneLine(name) },
    { title: 'KEY', cell: ({ prefix }) => `${prefix}…`, raw: ({ prefix }) => prefix },
    { title: 'SCOPE', cell: ({ scope }) => scope, raw: ({ scope }) => scope },
    { title: 'STATE', cell: (key) => state(key, now), raw: (key) => state(key, now) },
    { title: 'LAST USED', cell: (key) => when(key.lastUsedAt), raw: ({ lastUsedAt }) => lastUsedAt ?? '' },
    { title: 'CREATED', cell: (key) => when(key.createdAt), raw: ({ createdAt }) => createdAt },
  ];
}

function state({ revokedAt, expiresAt }: Key, now: number): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= now ? 'expired' : 'works';
}
