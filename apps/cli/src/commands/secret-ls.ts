import type { Secret } from '@corch/contract';
import type { Context } from '../context.js';
import { column, printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[repository]', 'a registered repository; all of them when absent')
    .action((repository: string | undefined) => invocation.run((context) => list(context, repository)));
};

async function list(context: Context, repository: string | undefined): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const names =
    repository === undefined ? (await client.listRepositories()).data.map(({ name }) => name) : [repository];
  const lists = await Promise.all(names.map((name) => client.listSecrets({ params: { repository: name } })));
  const secrets = lists.flatMap(({ data }) => data);
  if (output.json) return output.document(secrets);
  if (output.quiet) return secrets.forEach((secret) => output.data(`${secret.repository}/${secret.name}`));
  await printTable(output, columns(Date.now()), secrets);
}

function columns(now: number): Column<Secret>[] {
  return [
    column('REPOSITORY', ({ repository }) => repository),
    column('NAME', ({ name }) => name),
    column('FOR', ({ uses }) => uses.join(',') || '—'),
    column('USERNAME', ({ username }) => (username === null ? '—' : oneLine(username))),
    column('STATE', ({ readable }) => (readable ? 'set' : 'cannot be read: the key is another one')),
    column('SET', ({ updatedAt }) => updatedAt, { cell: ({ updatedAt }) => relativeTime(updatedAt, now) }),
    column('BY', ({ updatedBy }) => oneLine(updatedBy), { flexible: true }),
  ];
}
