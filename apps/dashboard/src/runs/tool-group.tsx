import { Wrench } from 'lucide-react';
import type { ReactNode } from 'react';
import { Fold } from '../ui/fold.js';
import { stepDuration } from '../ui/time-format.js';
import { groupWords, type ToolGroup } from './density.js';
import { useLinkedEvent } from './linked-event.js';
import type { Step } from './steps.js';

/** Several tool calls in one line that opens. */
export function ToolGroupItem({ group, renderStep }: { group: ToolGroup; renderStep: (step: Step) => ReactNode }) {
  const end = group.steps.at(-1)?.result?.at;
  const linked = useLinkedEvent();
  const isLinked = group.steps.some(({ seq }) => seq === linked);
  return (
    <Fold
      key={String(isLinked)}
      startsOpen={isLinked}
      summary={
        <>
          <Wrench size={16} aria-hidden className="shrink-0 text-muted" />
          <span className="sr-only">tools: </span>
          <span className="min-w-0 flex-1 truncate text-[0.8125rem] text-muted">{groupWords(group)}</span>
          {end !== undefined && (
            <span className="shrink-0 text-[0.8125rem] text-muted tabular-nums">
              {stepDuration(Date.parse(end) - Date.parse(group.at))}
            </span>
          )}
        </>
      }
    >
      {() => <div className="ml-5 border-l border-line pl-3">{group.steps.map(renderStep)}</div>}
    </Fold>
  );
}
