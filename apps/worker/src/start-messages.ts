// What Claude is told when it starts. Pure.
import { ApprovalDecision, type ClaimedRun, type InboxItem } from '@corch/contract';
import type { StartMessage } from './claude/run-claude.js';
import type { Feedback } from './stages/run-stage.js';

const continuation = 'Continue where you were interrupted.';

/**
 * The words for a start of Claude Code; none when a person stopped the turn and has not said yet how to go on.
 *
 * @param hasPrompt the session holds the prompt already
 * @param told the ids of the items that are part of the session
 * @param feedback what a check found that ran when Claude had finished
 */
export function startMessages(
  { spec, trigger }: Pick<ClaimedRun, 'spec' | 'trigger'>,
  hasPrompt: boolean,
  items: readonly InboxItem[],
  told: ReadonlySet<string>,
  feedback: Feedback | null = null,
): StartMessage[] {
  const messages = items.filter((item) => item.kind === 'message');
  const untold = messages.filter(({ id }) => !told.has(id)).map(({ id, text }) => ({ id, text }));
  if (!hasPrompt) return [{ id: null, text: spec.prompt ?? '' }, ...untold];
  const stoppedAt = items.findLast(({ kind }) => kind === 'interrupt')?.n ?? 0;
  const isStopped = stoppedAt > (messages.at(-1)?.n ?? 0);
  if (isStopped) return [];
  if (feedback !== null && !told.has(feedback.id)) {
    return [{ id: null, uuid: feedback.id, text: feedback.text }, ...untold];
  }
  // What was overtaken by an interrupt is not gone on with, nor what had ended before somebody said more.
  const isAnswering = messages.every(({ id }) => !told.has(id)) && messages.length > 0;
  const hasEnded = (trigger === 'message' || trigger === 'fork') && isAnswering;
  const overtakenAt = items.findLast(stopsTurn)?.n ?? 0;
  const wasStopped =
    overtakenAt > 0 && untold.some(({ id }) => messages.find((one) => one.id === id && one.n > overtakenAt));
  return hasEnded || wasStopped ? untold : [{ id: null, text: continuation }, ...untold];
}

/** A denial may stop the turn, too. Unlike an interrupt it has to be heard first: what Claude asked is asked again for it. */
function stopsTurn(item: InboxItem): boolean {
  if (item.kind !== 'answer') return item.kind === 'interrupt';
  const { data } = ApprovalDecision.safeParse(item.decision);
  return data?.action === 'deny' && data.interrupt;
}
