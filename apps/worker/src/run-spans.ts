// What a run's trace tells of this worker:
//
//   execute ─┬─ prepare ── setup ── claude | command ── check … ── change ── teardown
//            └─ upload ── finish        or, of a run that delivers: deliver ── finish
//
// Numbers and words of closed lists. What Claude was asked, what it said and what it did is in the transcript.
import { outcomeRow, type ClaimedRun, type Exit, type Outcome } from '@corch/contract';
import type { Attributes, Span, SpanFacts } from '@corch/telemetry';
import type { ExecutorEnd } from './claude/run-claude.js';

/** A run at this worker, from the claim until it is delivered. Without a place that the orchestrator gave it, it is a trace of its own. */
export function executionSpan(run: ClaimedRun, worker: string): SpanFacts {
  const attributes = {
    'corch.run_id': run.runId,
    'corch.task_id': run.taskId,
    'corch.attempt': run.attempt,
    'corch.epoch': run.epoch,
    'corch.executor': run.delivery === null ? run.spec.executor : 'deliver',
    'corch.worker': worker,
    'corch.demo': run.demo,
  };
  return { kind: 'consumer', parent: run.traceparent ?? null, attributes };
}

/** How Claude or the command ended, and what it took. */
export function noteAgent(span: Span, end: ExecutorEnd): void {
  const { result, costUsd } = end;
  const models = Object.entries(result?.models ?? {});
  const total = (count: (usage: (typeof models)[number][1]) => number) =>
    models.length === 0 ? null : models.reduce((sum, [, usage]) => sum + count(usage), 0);
  noteExit(span, end, {
    'corch.cost_usd': costUsd,
    'corch.turns': result?.turns,
    'corch.denials': result?.denials.length,
    'corch.models': models.length === 0 ? null : models.map(([name]) => name).join(','),
    'corch.tokens.input': total((usage) => usage.inputTokens),
    'corch.tokens.output': total((usage) => usage.outputTokens),
    'corch.tokens.cache_read': total((usage) => usage.cacheReadInputTokens),
    'corch.tokens.cache_creation': total((usage) => usage.cacheCreationInputTokens),
  });
}

export function noteExit(span: Span, exit: Pick<Exit, 'outcome' | 'code' | 'signal'>, more: Attributes = {}): void {
  span.set({
    'corch.outcome': exit.outcome,
    'process.exit.code': exit.code,
    'corch.signal': exit.signal,
    ...more,
  });
  if (isFailure(exit.outcome)) span.fail(exit.outcome);
}

function isFailure(outcome: Outcome): boolean {
  const { status } = outcomeRow(outcome);
  return status === 'failed' || status === 'timed_out';
}
