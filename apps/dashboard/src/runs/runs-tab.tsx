import { reasonRow, type Run } from '@corch/contract';
import { Link } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { StatusChip } from '../tasks/status-look.js';
import { costWords, span, statWords } from '../tasks/task-words.js';
import { useRuns } from '../tasks/use-task.js';
import { Sentence } from '../ui/sentence.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { Duration, RelativeTime } from '../ui/time.js';
import { runSearch } from './run-switcher.js';

const triggers = {
  submit: 'submitted',
  retry: 'retried by hand',
  automatic: 'automatic after a failure',
  deliver: 'delivers the change',
  message: 'opened by a message',
  fork: 'forked from another task',
};

/** Every attempt at the task, newest first. */
export function RunsTab({ taskId, current }: { taskId: string; current: Run }) {
  const { data, error, isPending, refetch } = useRuns(taskId);
  if (isPending) return <SkeletonRows count={2} label="Reading the runs" rowClass="h-16" />;
  if (data === undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  const runs = data.data.toReversed();
  return (
    <section aria-label="Runs">
      <ul className="flex flex-col gap-2">
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            before={runs.find(({ id }) => id === run.continuesRunId)}
            runCount={runs.length}
            isCurrent={run.id === current.id}
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
  isCurrent: boolean;
}

function RunRow({ run, before, runCount, isCurrent }: RunRowProps) {
  const worked = span(run);
  const why = run.reasonText ?? (run.reason === null ? null : reasonRow(run.reason).sentence);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 rounded-xl border border-line bg-surface p-3 text-sm">
      <StatusChip status={run.status} reason={run.reason} until={run.readyAt} />
      <Link to={`?${runSearch(run.attempt, runCount)}`} className="font-medium underline">
        Run {run.attempt}
      </Link>
      {before !== undefined && <span className="text-muted">goes on where run {before.attempt} stopped</span>}
      {isCurrent && <span className="text-muted">shown</span>}
      <span className="text-muted">{triggers[run.trigger]}</span>
      <RelativeTime at={run.createdAt} />
      {run.workerName !== null && <span>on {run.workerName}</span>}
      {worked !== null && <Duration {...worked} />}
      {run.cost !== null && <span>{costWords(run.cost)}</span>}
      {run.stat !== null && run.stat.files > 0 && <span className="tabular-nums">{statWords(run.stat)}</span>}
      {why !== null && (
        <p className="w-full text-muted">
          <Sentence text={why} />
        </p>
      )}
    </li>
  );
}
