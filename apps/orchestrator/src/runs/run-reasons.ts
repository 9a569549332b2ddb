// Why a run has the status that it has, as a sentence with what is known about it. Pure; what a queued run waits for is worked out
// by `queue-reasons.ts` from the claim's own rules.
import { outcomeRow, reasonRow, type Exit, type Reason } from '@corch/contract';
import type { RunRow } from './run.entity.js';

export interface Explanation {
  readonly reason: Reason | null;
  readonly reasonText: string | null;
  /** What to do next. */
  readonly hint: string | null;
}

export const nothingToExplain: Explanation = { reason: null, reasonText: null, hint: null };

/** An explanation in the words of the table; `text` and `hint` replace its own, where more is known. */
export function explain(reason: Reason, text?: string, hint?: string | null): Explanation {
  const row = reasonRow(reason);
  return { reason, reasonText: text ?? row.sentence, hint: hint === undefined ? row.next : hint };
}

type Explained = Pick<
  RunRow,
  'status' | 'reason' | 'readyAt' | 'cancelRequestedAt' | 'leaseExpiresAt' | 'preparedAt' | 'workerName' | 'askedSince'
>;

/** Explains a run by its own row. Not for `queued`, except that it resumes. */
export function explainRun(run: Explained, exit: Exit | null, now: number): Explanation {
  if (run.status === 'running') return explainRunning(run, now);
  if (run.reason === null) return nothingToExplain;
  return explain(run.reason, sentenceOf(run.reason, run, exit));
}

function explainRunning(run: Explained, now: number): Explanation {
  if (run.cancelRequestedAt !== null) return explain('cancelling');
  if (run.leaseExpiresAt !== null && run.leaseExpiresAt <= now) {
    const seconds = Math.round((now - run.leaseExpiresAt) / 1000);
    const who = run.workerName === null ? 'The worker' : `The worker ${run.workerName}`;
    return explain(
      'worker_unreachable',
      `${who} has not been heard from since its lease ended ${seconds} s ago; the run may go on there.`,
    );
  }
  if (run.askedSince !== null) return explain('approval');
  return run.preparedAt === null ? explain('starting') : nothingToExplain;
}

function sentenceOf(reason: Reason, run: Explained, exit: Exit | null): string | undefined {
  if (reason === 'usage_limit' && run.status === 'waiting') {
    return `The plan limit of the Claude login is reached; it goes on at ${new Date(run.readyAt).toISOString()}.`;
  }
  if (reason === 'input' && run.status === 'waiting') {
    return `It was interrupted and waits for a message until ${new Date(run.readyAt).toISOString()}.`;
  }
  if (reason === 'start_at') return `Starts at ${new Date(run.readyAt).toISOString()}, as was asked for.`;
  if (reason === 'retry_backoff') {
    return `The last run failed; the next one starts at ${new Date(run.readyAt).toISOString()}.`;
  }
  return exit === null || run.status === 'cancelled' ? undefined : exitSentence(exit);
}

/** How a run ended: the sentence of its outcome, and what the worker knew beyond, closed like a sentence. */
export function exitSentence(exit: Exit): string {
  const { sentence } = outcomeRow(exit.outcome);
  const more = exit.message?.trim() ?? '';
  if (more === '') return sentence;
  return `${sentence} ${more}${/[.!?…]$/.test(more) ? '' : '.'}`;
}
