import type { Task } from '@corch/contract';
import { clsx } from 'clsx';
import { Coins, FolderGit2, GitBranch, Server } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { Sentence } from '../ui/sentence.js';
import { Duration, RelativeTime } from '../ui/time.js';
import type { Column } from './columns.js';
import { DemoMark, Label } from './marks.js';
import { StatusChip } from './status-look.js';
import { paidWords, repositoryAddress, repositoryWords, span, statWords } from './task-words.js';

interface TaskRowProps {
  task: Task;
  columns: readonly Column[];
  isSelected: boolean;
  /** Some row is selected: on a phone the boxes are shown only then. */
  isSelecting: boolean;
  onSelect: (taskId: string, isRange: boolean) => void;
}

/** One task in the list: a row on a wide window, a card on a narrow one. */
export const TaskRow = memo(function TaskRow({ task, columns, isSelected, isSelecting, onSelect }: TaskRowProps) {
  const worked = span(task);
  const has = (column: Column) => columns.includes(column);
  return (
    <div
      className={clsx(
        'relative flex items-start gap-3 rounded-xl border p-3 has-[a:focus-visible]:border-accent',
        isSelected ? 'border-accent bg-accent-soft' : 'border-line bg-surface hover:border-control',
      )}
    >
      <label
        className={clsx(
          'relative z-10 -m-1.5 size-8 shrink-0 items-center justify-center',
          isSelecting ? 'inline-flex' : 'hidden md:inline-flex',
        )}
      >
        <span className="sr-only">Select {task.title}</span>
        <input
          type="checkbox"
          checked={isSelected}
          onChange={() => undefined}
          onClick={(event) => onSelect(task.id, event.shiftKey)}
          className="size-4 accent-accent"
        />
      </label>
      <div className="grid min-w-0 flex-1 grid-cols-[1fr_auto] items-start gap-x-3 gap-y-1.5 md:grid-cols-[8rem_1fr_auto] md:gap-x-4">
        <StatusChip status={task.status} reason={task.reason} className="justify-self-start" />
        <div className="col-span-2 row-start-2 min-w-0 md:col-span-1 md:col-start-2 md:row-start-1">
          <h2 className="leading-snug font-medium [overflow-wrap:anywhere]">
            <Link
              to={`/tasks/${task.id}`}
              data-row={task.id}
              className="outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:outline-accent"
            >
              {task.title}
            </Link>
          </h2>
          <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.8125rem] text-muted empty:hidden">
            {has('repository') && task.repository !== undefined && (
              <Fact icon={FolderGit2} name="Repository" title={repositoryAddress(task.repository)}>
                {repositoryWords(task.repository)}
              </Fact>
            )}
            {has('branch') && task.branch !== null && (
              <Fact icon={GitBranch} name="Branch">
                {task.branch}
              </Fact>
            )}
            {has('worker') && task.workerName !== null && (
              <Fact icon={Server} name="Worker">
                {task.workerName}
              </Fact>
            )}
            {has('cost') && task.cost !== null && (
              <Fact icon={Coins} name="Cost">
                {paidWords({ cost: task.cost, demo: task.demo })}
              </Fact>
            )}
            {has('change') && task.stat !== null && task.stat.files > 0 && (
              <span title={`${task.stat.files} files changed`} className="tabular-nums">
                {statWords(task.stat)}
              </span>
            )}
            {has('runs') && task.runCount > 1 && <span>run {task.runCount}</span>}
            {has('pool') && <span>pool {task.pool}</span>}
            {has('by') && <span className="truncate">by {task.submittedBy}</span>}
            {task.demo && <DemoMark />}
            {has('labels') && task.labels.map((label) => <Label key={label} text={label} />)}
          </div>
          {has('reason') && <Why task={task} />}
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
      </div>
    </div>
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
