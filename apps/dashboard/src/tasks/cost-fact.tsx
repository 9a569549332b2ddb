import type { Run, TaskDetail } from '@corch/contract';
import { Fact } from './fact.js';
import { budgetUse, paidWords } from './task-words.js';

const tones = {
  calm: '[--meter:var(--color-blue)]',
  near: '[--meter:var(--color-amber)]',
  spent: '[--meter:var(--color-red)]',
};

/** What a run cost, beside what it may; nothing while neither is known. */
export function CostFact({ task: { spec }, run }: { task: TaskDetail; run: Run }) {
  const budget = spec.budgetUsd;
  if (run.cost === null)
    return budget === undefined ? null : <Fact name="Budget of a run">est. ${budget.toFixed(2)}</Fact>;
  const use = budget === undefined ? null : budgetUse(run.cost, budget);
  return (
    <Fact name="Cost">
      <span title="Worked out by Claude Code from its own price list; the bill may differ">
        {paidWords({ cost: run.cost, demo: run.demo })}
        {budget !== undefined && ` of $${budget.toFixed(2)}`}
      </span>
      {use !== null && (
        <>
          <progress
            aria-label="Share of the budget"
            max={1}
            value={Math.min(1, use.share)}
            className={`meter w-16 ${tones[use.tone]}`}
          />
          {use.tone !== 'calm' && <span className={use.tone === 'spent' ? 'text-red' : 'text-amber'}>{use.words}</span>}
        </>
      )}
    </Fact>
  );
}
