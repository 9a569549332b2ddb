import { reasonRow, type Run } from '@corch/contract';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { StatusChip } from '../tasks/status-look.js';
import { paidWords, span, statWords } from '../tasks/task-words.js';
import { Sentence } from '../ui/sentence.js';
import { Duration } from '../ui/time.js';
import type { Pair } from './compare.js';
import { runSearch } from './run-switcher.js';

/** What came of them, line by line. */
export function CompareFacts({ pair, runCount }: { pair: Pair; runCount: number }) {
  const row = (name: string, value: (run: Run) => ReactNode) => (
    <tr className="border-t border-line align-top">
      <th scope="row" className="w-28 px-3 py-2 text-left font-normal text-muted max-sm:w-20">
        {name}
      </th>
      {pair.map((run) => (
        <td key={run.id} className="px-3 py-2 break-words tabular-nums">
          {value(run) ?? '–'}
        </td>
      ))}
    </tr>
  );
  return (
    <div className="overflow-hidden rounded-xl border border-line">
      <table aria-label="What came of them" className="w-full table-fixed bg-surface text-sm">
        <thead>
          <tr>
            <td className="w-28 max-sm:w-20" />
            {pair.map((run) => (
              <th key={run.id} scope="col" className="px-3 py-2 text-left font-medium">
                <Link to={`?${runSearch(run.attempt, runCount)}`} className="underline">
                  Run {run.attempt}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row('Outcome', (run) => (
            <span className="flex flex-col items-start gap-1">
              <StatusChip status={run.status} reason={run.reason} until={run.readyAt} />
              <Why run={run} />
            </span>
          ))}
          {row('Cost', (run) => run.cost && paidWords({ cost: run.cost, demo: run.demo }))}
          {row('Duration', (run) => {
            const worked = span(run);
            return worked && <Duration {...worked} />;
          })}
          {row('Turns', (run) => run.result?.turns)}
          {row('Change', (run) => run.stat && (run.stat.files === 0 ? 'none' : changeWords(run.stat)))}
          {row('Worker', (run) => run.workerName)}
        </tbody>
      </table>
    </div>
  );
}

function changeWords(stat: NonNullable<Run['stat']>): string {
  return `${statWords(stat)} in ${stat.files} ${stat.files === 1 ? 'file' : 'files'}`;
}

function Why({ run: { reason, reasonText } }: { run: Run }) {
  const why = reasonText ?? (reason === null ? null : reasonRow(reason).sentence);
  return (
    why !== null && (
      <span className="text-[0.8125rem] text-muted">
        <Sentence text={why} />
      </span>
    )
  );
}
