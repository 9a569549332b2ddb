import type { Run, TaskDetail } from '@corch/contract';
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
      {hint === null ? undefined : withCode(hint)}
    </Notice>
  );
}

/** Text between backticks is something to type. */
function withCode(text: string) {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      <code key={index} className="rounded bg-surface px-1 py-px font-mono text-[0.8125rem]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
