import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { oneLine } from '../format/text.js';
import { matchIds, pickOne } from '../ids.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id...>', 'keys: the id or its end, or the name')
    .action((ids: string[]) => invocation.run((context) => revoke(context, ids)));
};

async function revoke(context: Context, ids: readonly string[]): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const { data } = await client.listKeys();
  const live = data.filter(({ revokedAt }) => revokedAt === null);
  const keys = ids.map((id) => {
    const named = live.filter(({ name }) => name === id);
    const matches = named.length > 0 ? named : matchIds(id, live);
    return pickOne(id, matches, 'key', (key) => `${key.id}  ${oneLine(key.name)}`, 'corch key ls');
  });
  await confirm(context, `Revoke ${keys.map(({ name }) => oneLine(name)).join(', ')}`);
  for (const { id } of keys) {
    await client.revokeKey({ params: { keyId: id } });
    if (!output.json) output.data(output.isTty ? `revoked  ${id}` : id);
  }
  if (output.json) output.document({ revoked: keys.map(({ id }) => id) });
}
