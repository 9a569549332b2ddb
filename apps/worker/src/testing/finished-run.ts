import { outcomeRow, type ClaimedRun, type FinishRun, type Run } from '@corch/contract';

/** What the orchestrator answers to the end of a run. */
export function finishedRun(run: ClaimedRun, finish: FinishRun): Run {
  const now = new Date().toISOString();
  const { status, reason } = outcomeRow(finish.exit.outcome);
  const none = {
    reasonText: null,
    hint: null,
    workerId: null,
    workerName: null,
    baseCommit: null,
    continuesRunId: null,
    leaseExpiresAt: null,
    executor: run.delivery === null ? run.spec.executor : ('deliver' as const),
    sourceRunId: run.delivery?.sourceRunId ?? null,
  };
  return {
    ...none,
    id: run.runId,
    taskId: run.taskId,
    attempt: run.attempt,
    trigger: 'submit',
    status,
    reason,
    demo: run.demo,
    leaseEpoch: run.epoch,
    sessionId: run.sessionId,
    branch: run.branch,
    createdAt: now,
    readyAt: now,
    startedAt: now,
    endedAt: now,
    cancelRequestedAt: null,
    confirmed: true,
    exit: finish.exit,
    result: finish.result,
    cost: null,
    stat: finish.stat,
    commit: finish.commit,
    checks: finish.checks,
    delivered: finish.delivered,
    eventCount: finish.lastN,
    logIncomplete: false,
    removedAt: null,
  };
}
