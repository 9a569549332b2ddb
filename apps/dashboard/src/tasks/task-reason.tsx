import type { Run, TaskDetail } from '@corch/contract';
import { Notice } from '../ui/notice.js';
import { Sentence } from '../ui/sentence.js';
import { WhyPanel } from './why-panel.js';

/** Why it stands where it stands, and what to do next; of a task in line also what keeps each worker from it. */
export function TaskReason({ task, run }: { task: TaskDetail; run: Run }) {
  // Waiting reasons are worked out for the task; those of an earlier run are the run's own.
  const isCurrent = run.id === task.currentRunId;
  const reasonText = (isCurrent ? task.reasonText : null) ?? run.reasonText;
  const hint = (isCurrent ? task.hint : null) ?? run.hint;
  const why = isCurrent && task.status === 'queued' && <WhyPanel taskId={task.id} />;
  // What is asked stands right below.
  if (isCurrent && task.reason === 'approval') return null;
  if (reasonText === null) return why;
  return (
    <>
      <Notice kind={kindOf(run, hint)} title={<Sentence text={reasonText} />}>
        {hint === null ? undefined : <Sentence text={hint} />}
      </Notice>
      {why}
    </>
  );
}

function kindOf({ status, reason }: Run, hint: string | null): 'error' | 'info' | 'warn' {
  if (status === 'failed' || status === 'timed_out') return 'error';
  // It goes on by itself; the hint only says how to hurry.
  return hint === null || (status === 'waiting' && reason === 'usage_limit') ? 'info' : 'warn';
}
