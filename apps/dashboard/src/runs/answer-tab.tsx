import type { ModelUsage, Run } from '@corch/contract';
import { isFinal } from '@corch/contract';
import { costWords } from '../tasks/task-words.js';
import { CopyButton } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { Markdown } from '../ui/markdown.js';
import { JsonBlock } from './json-block.js';
import { KeptFiles } from './kept-files.js';

/** What came out: what Claude said at the end, what it took, and the files that were kept. */
export function AnswerTab({ run }: { run: Run }) {
  return (
    <div className="flex flex-col gap-5">
      <Answer run={run} />
      <KeptFiles run={run} />
    </div>
  );
}

function Answer({ run }: { run: Run }) {
  const { result } = run;
  if (result === null || (result.text === null && result.structured === undefined)) {
    return (
      <Empty
        title={isFinal(run.status) ? 'This run ended without an answer.' : 'The answer appears when the run has ended.'}
      />
    );
  }
  return (
    <>
      {result.text !== null && (
        <section aria-label="Final answer" className="relative rounded-xl border border-line bg-surface p-4 pr-12">
          <div className="absolute top-2 right-2">
            <CopyButton text={result.text} label="Copy the answer" />
          </div>
          <Markdown text={result.text} />
        </section>
      )}
      {result.structured !== undefined && (
        <section className="flex flex-col gap-2">
          <h2 className="font-medium">Structured answer</h2>
          <JsonBlock label="Structured answer" value={result.structured} />
        </section>
      )}
      {result.denials.length > 0 && (
        <section className="flex flex-col gap-1">
          <h2 className="font-medium">Denied tools</h2>
          <ul className="list-disc pl-5 text-sm">
            {result.denials.map((denial) => (
              <li key={denial.toolUseId}>{denial.toolName}</li>
            ))}
          </ul>
        </section>
      )}
      <Usage models={result.models} />
    </>
  );
}

function Usage({ models }: { models: Record<string, ModelUsage> }) {
  const rows = Object.entries(models);
  if (rows.length === 0) return null;
  const cell = 'px-3 py-1.5 text-right tabular-nums';
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">Tokens</h2>
      <div
        tabIndex={0}
        role="group"
        aria-label="Tokens per model"
        className="overflow-x-auto rounded-xl border border-line"
      >
        <table className="w-full bg-surface text-sm">
          <thead className="text-muted">
            <tr>
              <th scope="col" className="px-3 py-1.5 text-left font-normal">
                Model
              </th>
              {['In', 'Out', 'Cache read', 'Cache written', 'Cost'].map((name) => (
                <th key={name} scope="col" className={`${cell} font-normal`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([model, usage]) => (
              <tr key={model} className="border-t border-line">
                <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
                  {model}
                </th>
                <td className={cell}>{usage.inputTokens.toLocaleString()}</td>
                <td className={cell}>{usage.outputTokens.toLocaleString()}</td>
                <td className={cell}>{usage.cacheReadInputTokens.toLocaleString()}</td>
                <td className={cell}>{usage.cacheCreationInputTokens.toLocaleString()}</td>
                <td className={`${cell} whitespace-nowrap`}>
                  {costWords({ amount: String(usage.costUsd), basis: 'estimate' })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
