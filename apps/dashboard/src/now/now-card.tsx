import type { Approval, Task } from '@corch/contract';
import { clsx } from 'clsx';
import { RotateCw } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { askedWords } from '../approvals/asked-words.js';
import { DemoMark, Label } from '../tasks/marks.js';
import { StatusChip } from '../tasks/status-look.js';
import { paidWords, repositoryWords, span, statWords } from '../tasks/task-words.js';
import { useRetryTask } from '../tasks/use-task.js';
import { Button } from '../ui/button.js';
import { Sentence } from '../ui/sentence.js';
import { Duration, RelativeTime } from '../ui/time.js';
import type { GroupId } from './groups.js';

interface NowCardProps {
  task: Task;
  group: GroupId;
  /** What it asks, the oldest first. */
  asks: readonly Approval[];
}

/** One task, with what a person would do about it. */
export const NowCard = memo(function NowCard({ task, group, asks }: NowCardProps) {
  const worked = span(task);
  const tab = group === 'review' ? '?tab=changes' : '';
  return (
    <li className="relative flex flex-col gap-1.5 rounded-xl border border-line bg-surface p-3 hover:border-control has-[a:focus-visible]:border-accent">
      <div className="flex flex-wrap items-center justify-between gap-x-2 gap-y-1 text-xs text-muted">
        <StatusChip status={task.status} reason={task.reason} />
        {worked !== null ? <Duration {...worked} /> : <RelativeTime at={task.createdAt} />}
      </div>
      <h3 className="line-clamp-3 leading-snug font-medium [overflow-wrap:anywhere]">
        <Link
          to={`/tasks/${task.id}${tab}`}
          data-row
          className="outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          {task.title}
        </Link>
      </h3>
      <Facts task={task} />
      {asks.slice(0, 2).map((approval) => (
        <Asked key={approval.id} approval={approval} />
      ))}
      {asks.length > 2 && <p className="text-[0.8125rem] text-muted">and {asks.length - 2} more</p>}
      {asks.length === 0 && task.reasonText !== null && group !== 'done' && (
        <p className={clsx('line-clamp-3 text-[0.8125rem]', group === 'failed' ? 'text-red' : 'text-muted')}>
          <Sentence text={task.reasonText} />
        </p>
      )}
      {group === 'failed' && <Retry taskId={task.id} title={task.title} />}
    </li>
  );
});

function Facts({ task }: { task: Task }) {
  const { repository, stat, cost, workerName, labels, runCount, demo } = task;
  return (
    <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-[0.8125rem] text-muted empty:hidden">
      {repository !== undefined && <span className="max-w-full truncate">{repositoryWords(repository)}</span>}
      {stat !== null && stat.files > 0 && <span className="tabular-nums">{statWords(stat)}</span>}
      {cost !== null && <span>{paidWords({ cost, demo })}</span>}
      {workerName !== null && task.status === 'running' && <span className="truncate">on {workerName}</span>}
      {runCount > 1 && <span>run {runCount}</span>}
      {demo && <DemoMark />}
      {labels.slice(0, 3).map((label) => (
        <Label key={label} text={label} />
      ))}
    </p>
  );
}

function Asked({ approval }: { approval: Approval }) {
  const { command } = approval.input;
  return (
    <Link
      to={`/approvals#${approval.id}`}
      className="relative z-10 flex flex-col gap-0.5 rounded-lg bg-amber-soft px-2.5 py-1.5 text-[0.8125rem] hover:brightness-95"
    >
      <span className="flex justify-between gap-2 font-medium text-amber">
        <span className="min-w-0 break-words">{askedWords(approval)}</span>
        <RelativeTime at={approval.createdAt} />
      </span>
      {typeof command === 'string' && <code className="line-clamp-2 font-mono break-all">{command}</code>}
    </Link>
  );
}

function Retry({ taskId, title }: { taskId: string; title: string }) {
  const maySubmit = useMay('submit');
  const retry = useRetryTask(taskId);
  if (!maySubmit) return null;
  return (
    <Button
      className="relative z-10 mt-1 min-h-8 self-start"
      aria-label={`Retry ${title}`}
      pending={retry.isPending}
      onClick={() => retry.retry('fresh')}
      icon={<RotateCw size={14} aria-hidden />}
    >
      Retry
    </Button>
  );
}
