import {
  CircleSlash,
  CircleX,
  FilePen,
  FileText,
  Globe,
  ListTodo,
  LoaderCircle,
  Search,
  Split,
  SquareTerminal,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { Fold } from '../ui/fold.js';
import { stepDuration } from '../ui/time-format.js';
import { DiffLines } from './diff-lines.js';
import { JsonBlock } from './json-block.js';
import { useLinkedEvent } from './linked-event.js';
import { isBad, type Step, type ToolStep } from './steps.js';
import { TerminalBlock } from './terminal-block.js';
import { summariseTool, type ToolView } from './tool-view.js';

const icons: Record<string, LucideIcon> = {
  Bash: SquareTerminal,
  Read: FileText,
  Edit: FilePen,
  MultiEdit: FilePen,
  Write: FilePen,
  NotebookEdit: FilePen,
  Grep: Search,
  Glob: Search,
  WebFetch: Globe,
  WebSearch: Globe,
  TodoWrite: ListTodo,
  Task: Split,
  Agent: Split,
};

interface ToolStepItemProps {
  step: ToolStep;
  /** Draws a step of its subagent. */
  renderChild: (step: Step) => ReactNode;
}

/** A tool call with its result, in one line that opens. What went wrong is open from the start. */
export function ToolStepItem({ step, renderChild }: ToolStepItemProps) {
  const summary = useMemo(() => summariseTool(step.use.name, step.use.input, step.folder), [step.use, step.folder]);
  const Icon = icons[step.use.name] ?? Wrench;
  const isLinked = useLinkedEvent() === step.seq;
  return (
    <Fold
      key={String(isLinked)}
      startsOpen={isLinked || isBad(step)}
      summary={
        <>
          <Icon size={16} aria-hidden className="shrink-0 text-muted" />
          <span className="sr-only">{step.result?.isError === true ? 'tool error: ' : 'tool: '}</span>
          <span className="shrink-0 font-medium">{step.use.name}</span>
          <span className="min-w-0 flex-1 truncate font-mono text-[0.8125rem] text-muted">{summary.argument}</span>
          <ToolBadge step={step} />
        </>
      }
    >
      {() => (
        <div className="mt-1 mb-2 ml-5 flex flex-col gap-2 border-l border-line pl-3">
          <ToolInput view={summary.view} step={step} />
          {step.denied !== null && <p className="text-sm text-red">Denied: {step.denied.text}</p>}
          {step.children.map(renderChild)}
          <ToolResult view={summary.view} step={step} />
        </div>
      )}
    </Fold>
  );
}

function ToolBadge({ step }: { step: ToolStep }) {
  const tail = 'inline-flex shrink-0 items-center gap-1 text-[0.8125rem]';
  if (step.denied !== null) {
    return (
      <span className={`${tail} font-medium text-red`}>
        <CircleSlash size={14} aria-hidden />
        denied
      </span>
    );
  }
  if (step.result === null) {
    return (
      <span className={`${tail} text-muted`}>
        <LoaderCircle size={14} aria-hidden className="motion-safe:animate-spin" />
        <span className="sr-only">no result yet</span>
      </span>
    );
  }
  const took = stepDuration(Date.parse(step.result.at) - Date.parse(step.use.at));
  return step.result.isError ? (
    <span className={`${tail} font-medium text-red`}>
      <CircleX size={14} aria-hidden />
      error <span className="font-normal text-muted tabular-nums">{took}</span>
    </span>
  ) : (
    <span className={`${tail} text-muted tabular-nums`}>{took}</span>
  );
}

function ToolInput({ view, step }: { view: ToolView; step: ToolStep }) {
  switch (view.kind) {
    case 'terminal':
      return view.note === null ? null : <p className="text-sm text-muted">{view.note}</p>;
    case 'diff':
      return <DiffLines label={`Edit of ${view.path}`} lines={view.lines} />;
    case 'todos':
      return (
        <ul className="flex flex-col gap-0.5 text-sm">
          {view.todos.map((todo, index) => (
            <li key={index} className={todo.state === 'completed' ? 'text-muted line-through' : ''}>
              <span className="sr-only">{todo.state}: </span>
              <span aria-hidden>{todo.state === 'completed' ? '☑' : todo.state === 'in_progress' ? '◐' : '☐'} </span>
              {todo.text}
            </li>
          ))}
        </ul>
      );
    case 'json':
      return <JsonBlock label={`Input of ${step.use.name}`} value={step.use.input} />;
  }
}

function ToolResult({ view, step }: { view: ToolView; step: ToolStep }) {
  const { result } = step;
  if (view.kind === 'terminal') {
    return (
      <TerminalBlock
        label="Terminal"
        command={view.command}
        text={result?.text ?? ''}
        isError={result?.isError === true}
      />
    );
  }
  if (result === null || result.text === '') return null;
  // The result of an edit repeats the file; the diff above says it better.
  if ((view.kind === 'diff' || view.kind === 'todos') && !result.isError) return null;
  return <TerminalBlock label={`Result of ${step.use.name}`} text={result.text} isError={result.isError} />;
}
