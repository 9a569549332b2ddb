import type { Run, TaskDetail } from '@corch/contract';
import { clsx } from 'clsx';
import { useId } from 'react';
import { Link, useNavigate } from 'react-router-dom';
import { ButtonLink } from '../ui/button.js';
import { controlClass } from '../ui/field.js';
import { AnswerTab } from './answer-tab.js';
import { comparedParts, compareSearch, type ComparedPart, type Pair } from './compare.js';
import { Column } from './compare-column.js';
import { CompareFacts } from './compare-facts.js';
import { ComparedChanges } from './compared-changes.js';
import { ComparedTranscript } from './compared-transcript.js';

const words: Record<ComparedPart, string> = { changes: 'Changes', conversation: 'Conversation', answer: 'Answer' };

interface CompareRunsProps {
  task: TaskDetail;
  runs: readonly Run[];
  pair: Pair;
  part: ComparedPart;
}

/** Two runs of a task side by side, one below the other where there is no room. The address holds which, and what of them. */
export function CompareRuns({ task, runs, pair, part }: CompareRunsProps) {
  const [left, right] = pair;
  return (
    <section aria-label="Runs side by side" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <RunChoice
          label="Left"
          runs={runs}
          run={left}
          other={right}
          to={(n) => compareSearch(n, right.attempt, part)}
        />
        <RunChoice
          label="Right"
          runs={runs}
          run={right}
          other={left}
          to={(n) => compareSearch(left.attempt, n, part)}
        />
        <ButtonLink to={`?${compareSearch(right.attempt, left.attempt, part)}`} replace>
          Swap
        </ButtonLink>
        <ButtonLink to="?tab=runs" look="quiet" className="sm:ml-auto">
          All runs
        </ButtonLink>
      </div>
      <CompareFacts pair={pair} runCount={task.runCount} />
      <nav aria-label="What is compared" className="flex gap-0.5 self-start rounded-lg bg-sunken p-0.5 text-sm">
        {comparedParts.map((one) => (
          <Link
            key={one}
            replace
            preventScrollReset
            to={`?${compareSearch(left.attempt, right.attempt, one)}`}
            aria-current={one === part ? 'true' : undefined}
            className={clsx(
              'inline-flex min-h-8 items-center rounded-md px-3',
              one === part ? 'bg-surface font-medium shadow-sm' : 'text-muted hover:text-ink',
            )}
          >
            {words[one]}
          </Link>
        ))}
      </nav>
      {part === 'changes' && <ComparedChanges task={task} pair={pair} />}
      {part !== 'changes' && (
        <div className="grid gap-4 lg:grid-cols-2">
          {pair.map((run) => (
            <Column key={run.id} run={run} what={words[part]}>
              {part === 'answer' ? <AnswerTab run={run} /> : <ComparedTranscript run={run} runCount={task.runCount} />}
            </Column>
          ))}
        </div>
      )}
    </section>
  );
}

interface RunChoiceProps {
  label: string;
  runs: readonly Run[];
  run: Run;
  /** The one that is on the other side. */
  other: Run;
  to: (attempt: number) => string;
}

function RunChoice({ label, runs, run, other, to }: RunChoiceProps) {
  const navigate = useNavigate();
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[0.8125rem] text-muted">
        {label}
      </label>
      <select
        id={id}
        value={run.attempt}
        onChange={({ target }) =>
          void navigate(`?${to(Number(target.value))}`, { replace: true, preventScrollReset: true })
        }
        className={controlClass}
      >
        {runs
          .filter(({ attempt }) => attempt !== other.attempt)
          .map(({ attempt }) => (
            <option key={attempt} value={attempt}>
              Run {attempt}
            </option>
          ))}
      </select>
    </div>
  );
}
