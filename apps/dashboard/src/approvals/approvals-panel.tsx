import { isFinal, type TaskDetail } from '@corch/contract';
import { ApprovalCard } from './approval-card.js';
import { useOpenOfTask } from './use-approvals.js';

/** What a task needs a person for, at the top of its page; nothing when it needs nobody. */
export function ApprovalsPanel({ task }: { task: TaskDetail }) {
  return isFinal(task.status) || task.spec.permissionPolicy !== 'ask' ? null : <OpenOfTask taskId={task.id} />;
}

function OpenOfTask({ taskId }: { taskId: string }) {
  const { data } = useOpenOfTask(taskId);
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section aria-label="Needs you" className="flex flex-col gap-3">
      {data.data.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </section>
  );
}
