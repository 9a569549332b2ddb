import type { Run } from '@corch/contract';
import { CircleCheck, CircleX } from 'lucide-react';
import { stepDuration } from '../ui/time-format.js';
import { lastResults, resultWords } from './check-results.js';

/** How setup, checks and teardown of a run went, each as it went last. */
export function RunChecks({ run }: { run: Run }) {
  const results = lastResults(run.checks);
  if (results.length === 0) return null;
  return (
    <section aria-label="Setup and checks" className="rounded-xl border border-line bg-surface p-3 text-sm">
      <h2 className="mb-1 font-medium">Setup and checks</h2>
      <ul className="divide-y divide-line">
        {results.map((result) => (
          <li key={`${result.kind} ${result.name}`} className="flex items-start gap-2 py-1">
            {result.state === 'passed' ? (
              <CircleCheck size={15} aria-hidden className="mt-0.5 shrink-0 text-green" />
            ) : (
              <CircleX size={15} aria-hidden className="mt-0.5 shrink-0 text-red" />
            )}
            <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4">
              <code className="min-w-0 flex-1 basis-40 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
                {result.name}
              </code>
              <span className={result.state === 'passed' ? 'text-muted' : 'text-red'}>{resultWords(result)}</span>
            </div>
            <span className="w-14 shrink-0 text-right text-muted tabular-nums">{stepDuration(result.durationMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
