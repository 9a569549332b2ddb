import type { Approval } from '@corch/contract';
import { DiffLines } from '../runs/diff-lines.js';
import { JsonBlock } from '../runs/json-block.js';
import { TerminalBlock } from '../runs/terminal-block.js';
import { summariseTool } from '../runs/tool-view.js';
import { Markdown } from '../ui/markdown.js';

/** What Claude wants to do, in full: the plan, the command, the change or the input as it is. */
export function AskedInput({ approval }: { approval: Approval }) {
  const { kind, toolName, input, plan, inputCut } = approval;
  if (kind === 'plan') {
    return plan === null || plan === '' ? (
      <p className="text-sm text-muted">The plan is in the conversation above.</p>
    ) : (
      <div className="max-h-[32rem] overflow-auto rounded-lg border border-line bg-surface p-4">
        <Markdown text={plan} />
      </div>
    );
  }
  const { view } = summariseTool(toolName, input);
  return (
    <>
      {view.kind === 'terminal' && <TerminalBlock label="Command" text={view.command} />}
      {view.kind === 'diff' && <DiffLines label={`Edit of ${view.path}`} lines={view.lines} />}
      {(view.kind === 'json' || view.kind === 'todos') && <JsonBlock label={`Input of ${toolName}`} value={input} />}
      {inputCut && <p className="text-[0.8125rem] text-amber">Only the beginning of it was kept here.</p>}
    </>
  );
}
