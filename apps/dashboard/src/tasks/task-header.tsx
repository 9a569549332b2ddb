import type { Run, TaskDetail } from '@corch/contract';
import { ArrowRight, FolderGit2, Pencil } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { inputClass } from '../ui/field.js';
import { Duration, RelativeTime } from '../ui/time.js';
import { CostFact } from './cost-fact.js';
import { Fact } from './fact.js';
import { DemoMark, Label } from './marks.js';
import { RunSwitcher, runSearch } from '../runs/run-switcher.js';
import { StatusChip } from './status-look.js';
import { TaskActions } from './task-actions.js';
import { TaskReason } from './task-reason.js';
import { deliveryWords, repositoryAddress, repositoryWords, span, statWords } from './task-words.js';
import { useEditTask } from './use-task.js';

interface TaskHeaderProps {
  task: TaskDetail;
  run: Run;
  /** All runs of the task, as far as they are read. */
  runs: readonly Run[];
}

/** Where the task stands, at a glance, and what can be done with it. */
export function TaskHeader({ task, run, runs }: TaskHeaderProps) {
  return (
    <header className="flex flex-col gap-3">
      <nav aria-label="Breadcrumb" className="text-[0.8125rem] text-muted">
        <Link to="/tasks" className="underline hover:text-ink">
          Tasks
        </Link>
      </nav>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <span role="status" className="mt-0.5">
          <StatusChip status={run.status} reason={run.reason} until={run.readyAt} />
        </span>
        <Title task={task} />
        <TaskActions task={task} run={run} />
      </div>
      <Facts task={task} run={run} before={runs.find(({ id }) => id === run.continuesRunId)} />
      <TaskReason run={run} task={task} />
    </header>
  );
}

/** Stays the same function, so that it runs when the element appears and not at every drawing. */
function focusElement(element: HTMLElement | null): void {
  element?.focus();
}

function Title({ task }: { task: TaskDetail }) {
  const maySubmit = useMay('submit');
  const edit = useEditTask(task.id);
  const [draft, setDraft] = useState<string | null>(null);
  const [wasEdited, setEdited] = useState(false);
  const close = () => {
    setDraft(null);
    setEdited(true);
  };
  const save = () => {
    const title = draft?.trim() ?? '';
    close();
    if (title !== '' && title !== task.title) edit.mutate({ title });
  };
  if (draft !== null) {
    return (
      <form
        className="flex min-w-60 flex-1 gap-2 max-sm:basis-full"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <input
          ref={focusElement}
          aria-label="Title"
          maxLength={200}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
          }}
          className={inputClass}
        />
        <Button type="submit" look="primary">
          Save
        </Button>
        <Button onClick={close}>Discard</Button>
      </form>
    );
  }
  return (
    <div className="flex min-w-60 flex-1 items-start gap-1 max-sm:basis-full">
      <h1 tabIndex={-1} className="text-xl leading-tight font-semibold break-words [overflow-wrap:anywhere]">
        {task.title}
      </h1>
      {maySubmit && (
        <button
          type="button"
          ref={wasEdited ? focusElement : undefined}
          aria-label="Edit the title"
          onClick={() => setDraft(task.title)}
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
        >
          <Pencil size={15} aria-hidden />
        </button>
      )}
    </div>
  );
}

/** `before`: the run whose session this one goes on with. */
function Facts({ task, run, before }: { task: TaskDetail; run: Run; before: Run | undefined }) {
  const worked = span(run);
  return (
    <dl className="flex flex-wrap items-center gap-x-5 gap-y-1.5 text-[0.8125rem]">
      {task.repository !== undefined && (
        <Fact name="Repository" hidesName>
          <FolderGit2 size={14} aria-hidden className="text-muted" />
          <span title={repositoryAddress(task.repository)}>{repositoryWords(task.repository)}</span>
          {task.ref !== null && <code className="font-mono">{task.ref}</code>}
          {run.branch !== null && (
            <>
              <ArrowRight size={13} aria-label="to branch" className="text-muted" />
              <code className="font-mono break-all">{run.branch}</code>
            </>
          )}
        </Fact>
      )}
      <RunSwitcher task={task} run={run} />
      {before !== undefined && (
        <Fact name="Continues" hidesName>
          <span>
            goes on with the session of{' '}
            <Link to={`?${runSearch(before.attempt, task.runCount)}`} className="underline">
              run {before.attempt}
            </Link>
          </span>
        </Fact>
      )}
      {worked !== null && (
        <Fact name="Duration">
          <Duration {...worked} />
        </Fact>
      )}
      <CostFact task={task} run={run} />
      {run.stat !== null && <Fact name="Change">{run.stat.files === 0 ? 'none' : statWords(run.stat)}</Fact>}
      <Delivery task={task} run={run} />
      {run.workerName !== null && <Fact name="Worker">{run.workerName}</Fact>}
      <Fact name="Submitted">
        <RelativeTime at={task.createdAt} /> by {task.submittedBy}
      </Fact>
      {run.demo && (
        <div>
          <dt className="sr-only">Model</dt>
          <dd>
            <DemoMark />
          </dd>
        </div>
      )}
      {task.labels.length > 0 && (
        <Fact name="Labels" hidesName>
          {task.labels.map((label) => (
            <Label key={label} text={label} />
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Delivery({ task, run }: { task: TaskDetail; run: Run }) {
  const words = deliveryWords(task, run);
  if (words === null) return null;
  return (
    <Fact name="Delivery">
      {words.url === null ? (
        <span className="break-all">{words.text}</span>
      ) : (
        <a className="text-accent underline" href={words.url} rel="noreferrer" target="_blank">
          {words.text}
        </a>
      )}
    </Fact>
  );
}
