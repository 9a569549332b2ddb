import type { Run, TaskDetail } from '@corch/contract';
import { InlineCode } from '../ui/inline-code.js';
import { Notice } from '../ui/notice.js';

/** Why it stands where it stands, and what to do next. */
export function TaskReason({ task, run }: { task: TaskDetail; run: Run }) {
  // Waiting reasons are worked out for the task; those of an earlier run are the run's own.
  const isCurrent = run.id === task.currentRunId;
  const reasonText = (isCurrent ? task.reasonText : null) ?? run.reasonText;
  const hint = (isCurrent ? task.hint : null) ?? run.hint;
  if (reasonText === null) return null;
  const isBad = run.status === 'failed' || run.status === 'timed_out';
  const kind = isBad ? 'error' : hint === null ? 'info' : 'warn';
  return (
    <Notice kind={kind} title={reasonText}>
      {hint === null ? undefined : <InlineCode text={hint} />}
    </Notice>
  );
}
