import type { Task } from '@corch/contract';
import { Coins, FolderGit2, GitBranch, Server } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { Sentence } from '../ui/sentence.js';
import { Duration, RelativeTime } from '../ui/time.js';
import { DemoMark, Label } from './marks.js';
import { StatusChip } from './status-look.js';
import { paidWords, repositoryAddress, repositoryWords, span, statWords } from './task-words.js';

/** One task in the list: a row on a wide window, a card on a narrow one. */
export const TaskRow = memo(function TaskRow({ task }: { task: Task }) {
  const worked = span(task);
  return (
    <li className="relative grid grid-cols-[1fr_auto] items-start gap-x-3 gap-y-1.5 rounded-xl border border-line bg-surface p-3 hover:border-control has-[a:focus-visible]:border-accent md:grid-cols-[8rem_1fr_auto] md:gap-x-4">
      <StatusChip status={task.status} reason={task.reason} className="justify-self-start" />
      <div className="col-span-2 row-start-2 min-w-0 md:col-span-1 md:col-start-2 md:row-start-1">
        <h2 className="leading-snug font-medium break-words">
          <Link
            to={`/tasks/${task.id}`}
            data-row
            className="outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:outline-accent"
          >
            {task.title}
          </Link>
        </h2>
        <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.8125rem] text-muted">
          {task.repository !== undefined && (
            <Fact icon={FolderGit2} name="Repository" title={repositoryAddress(task.repository)}>
              {repositoryWords(task.repository)}
            </Fact>
          )}
          {task.branch !== null && (
            <Fact icon={GitBranch} name="Branch">
              {task.branch}
            </Fact>
          )}
          {task.workerName !== null && (
            <Fact icon={Server} name="Worker">
              {task.workerName}
            </Fact>
          )}
          {task.cost !== null && (
            <Fact icon={Coins} name="Cost">
              {paidWords({ cost: task.cost, demo: task.demo })}
            </Fact>
          )}
          {task.stat !== null && task.stat.files > 0 && (
            <span title={`${task.stat.files} files changed`} className="tabular-nums">
              {statWords(task.stat)}
            </span>
          )}
          {task.runCount > 1 && <span>run {task.runCount}</span>}
          {task.demo && <DemoMark />}
          {task.labels.map((label) => (
            <Label key={label} text={label} />
          ))}
        </div>
        <Why task={task} />
      </div>
      <div className="col-start-2 row-start-1 flex items-center gap-3 pt-1 text-[0.8125rem] text-muted md:col-start-3 md:flex-col md:items-end md:gap-0.5 md:pt-0.5">
        {worked !== null && (
          <span>
            <span className="sr-only">Duration </span>
            <Duration {...worked} />
          </span>
        )}
        <span className="relative z-10">
          <span className="sr-only">Submitted </span>
          <RelativeTime at={task.createdAt} />
        </span>
      </div>
    </li>
  );
});

/** The reason in words; a failure says what to do next. */
function Why({ task }: { task: Task }) {
  if (task.reasonText === null) return null;
  const isBad = task.status === 'failed' || task.status === 'timed_out';
  return (
    <p className={isBad ? 'mt-1 text-[0.8125rem] text-red' : 'mt-1 text-[0.8125rem] text-muted'}>
      <Sentence text={task.reasonText} />
    </p>
  );
}

interface FactProps {
  icon: typeof Server;
  name: string;
  title?: string;
  children: ReactNode;
}

function Fact({ icon: Icon, name, title, children }: FactProps) {
  return (
    <span title={title ?? name} className="inline-flex max-w-full min-w-0 items-center gap-1">
      <Icon size={13} aria-hidden className="shrink-0" />
      <span className="sr-only">{name} </span>
      <span className="min-w-0 truncate">{children}</span>
    </span>
  );
}
