// How a run ends, as far as no child says it. Pure.
import type { RunResult, RunSpec } from '@corch/contract';
import type { Ending } from '../claude/claude-outcome.js';
import type { ExecutorEnd } from '../claude/run-claude.js';
import { failedText, type FailedStep } from './check-message.js';

export const endedAs = (outcome: Ending['outcome'], message: string | null): ExecutorEnd => ({
  outcome,
  message,
  code: null,
  signal: null,
  result: null,
  costUsd: null,
});

/** Stopped between two children: somebody goes on with the run. */
export const interruptedEnd = endedAs('worker_error', null);

/** Claude was done, and its change does not pass. */
export function checksFailed(end: ExecutorEnd, failed: FailedStep, rounds: number): ExecutorEnd {
  const sent = rounds === 0 ? '' : ` Sent back to Claude ${rounds === 1 ? 'once' : `${rounds} times`}.`;
  return { ...end, outcome: 'checks_failed', message: failedText(failed) + sent, code: failed.exitCode, signal: null };
}

/** @param problem why the change cannot leave the worker: one that was to be delivered has failed then */
export function afterChange<T extends Pick<ExecutorEnd, 'outcome' | 'message'>>(
  end: T,
  { delivery }: Pick<RunSpec, 'delivery'>,
  problem: string | null,
): T {
  const isPublished = delivery?.mode === 'branch' || delivery?.mode === 'pr';
  if (problem === null || !isPublished || end.outcome !== 'succeeded') return end;
  return { ...end, outcome: 'delivery_failed', message: problem };
}

/**
 * What a run has come to after a further round of the same session.
 *
 * @param isContinued the session was begun by an earlier run; then Claude Code's numbers are those of the round alone
 */
export function afterRound(before: ExecutorEnd | null, end: ExecutorEnd, isContinued: boolean): ExecutorEnd {
  if (before === null) return end;
  const costUsd = isContinued ? (before.costUsd ?? 0) + (end.costUsd ?? 0) : (end.costUsd ?? before.costUsd);
  return { ...end, costUsd, result: bothResults(before.result, end.result, isContinued) };
}

function bothResults(before: RunResult | null, next: RunResult | null, isContinued: boolean): RunResult | null {
  if (before === null || next === null) return next ?? before;
  const turns = before.turns === null && next.turns === null ? null : (before.turns ?? 0) + (next.turns ?? 0);
  const models = isContinued ? bothModels(before.models, next.models) : { ...before.models, ...next.models };
  return { ...next, turns, models, denials: [...before.denials, ...next.denials] };
}

type Models = RunResult['models'];

function bothModels(before: Models, next: Models): Models {
  const names = [...new Set([...Object.keys(before), ...Object.keys(next)])];
  return Object.fromEntries(
    names.map((name) => {
      const [one, other] = [before[name], next[name]];
      if (one === undefined || other === undefined) return [name, one ?? other];
      const sum = {
        inputTokens: one.inputTokens + other.inputTokens,
        outputTokens: one.outputTokens + other.outputTokens,
        cacheReadInputTokens: one.cacheReadInputTokens + other.cacheReadInputTokens,
        cacheCreationInputTokens: one.cacheCreationInputTokens + other.cacheCreationInputTokens,
        costUsd: one.costUsd + other.costUsd,
      };
      return [name, sum];
    }),
  ) as Models;
}
