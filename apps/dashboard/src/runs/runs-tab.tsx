import { reasonRow, type Run, type TaskDetail } from '@corch/contract';
import { Columns2 } from 'lucide-react';
import { Link, useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { StatusChip } from '../tasks/status-look.js';
import { costWords, span, statWords } from '../tasks/task-words.js';
import { useRuns } from '../tasks/use-task.js';
import { ButtonLink } from '../ui/button.js';
import { Sentence } from '../ui/sentence.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { Duration, RelativeTime } from '../ui/time.js';
import { compareSearch, readPair, readPart } from './compare.js';
import { CompareRuns } from './compare-runs.js';
import { runSearch } from './run-switcher.js';

const triggers = {
  submit: 'submitted',
  retry: 'retried by hand',
  automatic: 'automatic after a failure',
  deliver: 'delivers the change',
  message: 'opened by a message',
  fork: 'forked from another task',
};

/** Every attempt at the task, newest first, or two of them side by side. */
export function RunsTab({ task, current }: { task: TaskDetail; current: Run }) {
  const { data, error, isPending, refetch } = useRuns(task.id);
  const [search] = useSearchParams();
  if (isPending) return <SkeletonRows count={2} label="Reading the runs" rowClass="h-16" />;
  if (data === undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  const runs = data.data.toReversed();
  const pair = readPair(search, runs);
  if (pair !== null) return <CompareRuns task={task} runs={runs} pair={pair} part={readPart(search)} />;
  const [last, lastButOne] = runs;
  return (
    <section aria-label="Runs" className="flex flex-col gap-3">
      {last !== undefined && lastButOne !== undefined && (
        <ButtonLink
          to={`?${compareSearch(lastButOne.attempt, last.attempt)}`}
          className="self-start"
          icon={<Columns2 size={15} aria-hidden />}
        >
          {runs.length === 2 ? 'Both side by side' : 'The last two side by side'}
        </ButtonLink>
      )}
      <ul className="flex flex-col gap-2">
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            before={runs.find(({ id }) => id === run.continuesRunId)}
            runCount={runs.length}
            current={current}
          />
        ))}
      </ul>
    </section>
  );
}

interface RunRowProps {
  run: Run;
  /** The run whose session it goes on with. */
  before: Run | undefined;
  runCount: number;
  /** The one that the page shows. */
  current: Run;
}

function RunRow({ run, before, runCount, current }: RunRowProps) {
  const worked = span(run);
  const why = run.reasonText ?? (run.reason === null ? null : reasonRow(run.reason).sentence);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 rounded-xl border border-line bg-surface p-3 text-sm">
      <StatusChip status={run.status} reason={run.reason} until={run.readyAt} />
      <Link to={`?${runSearch(run.attempt, runCount)}`} className="font-medium underline">
        Run {run.attempt}
      </Link>
      {before !== undefined && <span className="text-muted">goes on where run {before.attempt} stopped</span>}
      {run.id === current.id && <span className="text-muted">shown</span>}
      <span className="text-muted">{triggers[run.trigger]}</span>
      <RelativeTime at={run.createdAt} />
      {run.workerName !== null && <span>on {run.workerName}</span>}
      {worked !== null && <Duration {...worked} />}
      {run.cost !== null && <span>{costWords(run.cost)}</span>}
      {run.stat !== null && run.stat.files > 0 && <span className="tabular-nums">{statWords(run.stat)}</span>}
      {run.id !== current.id && runCount > 2 && (
        <Link to={`?${compareSearch(run.attempt, current.attempt)}`} className="underline">
          beside run {current.attempt}
        </Link>
      )}
      {why !== null && (
        <p className="w-full text-muted">
          <Sentence text={why} />
        </p>
      )}
    </li>
  );
}
