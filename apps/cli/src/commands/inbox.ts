import type { Approval } from '@corch/contract';
import type { Context } from '../context.js';
import { approvalLines, approvalText, decideCommands } from '../format/approval.js';
import { shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import type { CommandModule } from './command.js';

const pageSize = 200;

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(list));
};

async function list(context: Context): Promise<void> {
  const { output } = context;
  const open = await readOpen(context);
  if (output.json) return output.document(open);
  if (output.quiet) return open.forEach(({ id }) => output.data(id));
  if (!output.isTty) return open.forEach((one) => output.row([one.id, one.createdAt, one.taskId, approvalText(one)]));
  if (open.length === 0) return output.note('Nothing waits for you.');
  for (const approval of open) tell(context, approval);
}

/** All that is open, oldest first. */
async function readOpen(context: Context): Promise<Approval[]> {
  const client = await context.client();
  const open: Approval[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { status: ['open' as const], limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
    const page = await client.listApprovals({ query });
    open.push(...page.data);
    cursor = page.nextCursor;
  }
  return open;
}

function tell(context: Context, approval: Approval): void {
  const { output } = context;
  const { bold, dim, yellow } = output.color;
  const age = relativeTime(approval.createdAt, Date.now());
  const about = `${oneLine(approval.taskTitle)} · ${shortId(approval.taskId)} · ${age}`;
  output.data(`${yellow('?')} ${bold(shortId(approval.id))}  ${approvalText(approval)}`);
  output.data(dim(`  ${about}`));
  for (const each of approvalLines(approval)) output.data(`  ${each}`);
  output.data(dim(`  ${decideCommands(approval, context).join('     ')}`));
  output.data('');
}
