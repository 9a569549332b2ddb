import type { Run, TaskDetail } from '@corch/contract';
import { useId } from 'react';
import { useNavigate } from 'react-router-dom';

/** Chooses which run of the task is shown. */
export function RunSwitcher({ task, run }: { task: TaskDetail; run: Run }) {
  const navigate = useNavigate();
  const id = useId();
  if (task.runCount < 2) return null;
  return (
    <div className="flex items-center gap-1.5">
      <dt>
        <label htmlFor={id} className="text-muted">
          Run
        </label>
      </dt>
      <dd>
        <select
          id={id}
          value={run.attempt}
          onChange={(event) => void navigate(`?${runSearch(Number(event.target.value), task.runCount)}`)}
          className="min-h-7 rounded-md border border-control bg-surface px-1.5"
        >
          {Array.from({ length: task.runCount }, (_, index) => task.runCount - index).map((attempt) => (
            <option key={attempt} value={attempt}>
              {attempt} of {task.runCount}
            </option>
          ))}
        </select>
      </dd>
    </div>
  );
}

/** The query string of a run; the latest needs none and so stays the latest. */
export function runSearch(attempt: number, runCount: number): string {
  return attempt === runCount ? '' : new URLSearchParams({ run: String(attempt) }).toString();
}
