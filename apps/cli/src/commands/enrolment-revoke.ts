import type { Context } from '../context.js';
import { oneLine } from '../format/text.js';
import { matchIds, pickOne } from '../ids.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id...>', 'enrolments: the id or its end')
    .action((ids: string[]) => invocation.run((context) => revoke(context, ids)));
};

/** Nobody is asked: what was not used yet is made again in a moment. */
async function revoke(context: Context, ids: readonly string[]): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const { data } = await client.listEnrolments();
  const chosen = ids.map((id) =>
    pickOne(
      id,
      matchIds(id, data),
      'open enrolment',
      (one) => `${one.id}  by ${oneLine(one.createdBy)}`,
      'corch enrolment ls',
    ),
  );
  for (const { id } of chosen) {
    await client.revokeEnrolment({ params: { enrolmentId: id } });
    if (!output.json) output.data(output.isTty ? `revoked  ${id}` : id);
  }
  if (output.json) output.document({ revoked: chosen.map(({ id }) => id) });
}
