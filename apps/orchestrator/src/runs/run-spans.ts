// The part of a run's trace that the orchestrator knows of. What the worker does stands beside it, below the same place:
//
//   POST /api/v1/tasks ─► enqueue ─┬─ queued ── claim ── execute (the worker's: prepare, claude, checks, upload, finish …)
//                                  └─ run (all of it, told when it has ended)
//
// A run that was opened while traces were off has no place, and nothing is told of it.
import type { Exit } from '@corch/contract';
import { startSpan, type Attributes, type Span } from '@corch/telemetry';
import type { RunRow } from './run.entity.js';

/**
 * The place of a new run: in the trace of the request that asked for it. One that follows by itself on a failure begins a trace of its
 * own, which names the one before.
 */
export function startEnqueue(run: RunRow, before: string | null): Span {
  const attributes = { ...factsOf(run), 'corch.trigger': run.trigger };
  const isOwn = run.trigger === 'automatic';
  return startSpan('enqueue', { kind: 'producer', attributes, ...(isOwn && { parent: null, link: before }) });
}

/** A run that was claimed: how long it stood in line, and the claim itself. */
export function traceClaim(run: RunRow, begunAt: number): void {
  const { traceparent: parent, claimedAt, startedAt } = run;
  if (parent === null || claimedAt === null || startedAt === null) return;
  const attributes = { ...factsOf(run), 'corch.epoch': run.leaseEpoch, 'corch.worker_id': run.workerId };
  // When it came back in line later is kept nowhere, unless it waited for a time.
  const isKnown = startedAt === claimedAt || run.readyAt > startedAt;
  const since = Math.min(Math.max(run.createdAt, run.readyAt), claimedAt);
  if (isKnown) startSpan('queued', { attributes, parent, startedAt: since }).end(claimedAt);
  startSpan('claim', { attributes, parent, startedAt: begunAt }).end(claimedAt);
}

/** A run that has ended, whole. Of one whose worker was lost it is all that is told. */
export function traceEnd(run: RunRow, exit: Exit, costMicros: number | null): void {
  const { traceparent: parent, status, reason, createdAt, endedAt } = run;
  if (parent === null) return;
  const attributes: Attributes = {
    ...factsOf(run),
    'corch.epoch': run.leaseEpoch,
    'corch.status': status,
    'corch.reason': reason,
    'corch.outcome': exit.outcome,
    'corch.cost_usd': costMicros === null ? null : costMicros / 1_000_000,
  };
  const span = startSpan('run', { attributes, parent, startedAt: createdAt });
  if (status === 'failed' || status === 'timed_out') span.fail(reason ?? status);
  span.end(endedAt ?? undefined);
}

function factsOf({ id, taskId, attempt, pool, executor }: RunRow): Attributes {
  return {
    'corch.run_id': id,
    'corch.task_id': taskId,
    'corch.attempt': attempt,
    'corch.pool': pool,
    'corch.executor': executor,
  };
}
