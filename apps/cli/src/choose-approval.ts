import type { Approval } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { approvalText } from './format/approval.js';
import { matchIds, pickOne, resolveTaskId } from './ids.js';

/** How many open ones are searched for a part of an id. */
const searched = 200;

/**
 * The approval that a person means: by its id or the end of it, or by the task whose only one it is.
 * @throws {CliError} when there is none, or more than one
 */
export async function chooseApproval(client: Client, text: string): Promise<Approval> {
  if (/^appr_[0-9a-z]{26}$/.test(text)) return client.readApproval({ params: { approvalId: text } });
  const { data } = await client.listApprovals({ query: { status: ['open'], limit: searched } });
  const own = matchIds(text, data);
  const matches = own.length > 0 ? own : data.filter(({ taskId }) => matchIds(text, [{ id: taskId }]).length > 0);
  if (matches.length === 0) {
    // One that was decided meanwhile: the orchestrator says by whom.
    const newest = await client.listApprovals({ query: { sort: '-createdAt', limit: searched } });
    const [decided, ...others] = matchIds(text, newest.data);
    if (decided !== undefined && others.length === 0) return decided;
    // A task that is known but asks nothing is another answer than a mistyped id.
    const taskId = await resolveTaskId(client, text).catch(() => undefined);
    if (taskId !== undefined) throw new CliError(exitCodes.notFound, 'The task waits for no decision.');
  }
  return pickOne(text, matches, 'open approval', (one) => `${one.id}  ${approvalText(one)}`, 'corch inbox');
}
