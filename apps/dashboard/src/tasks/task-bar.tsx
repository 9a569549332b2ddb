import type { Run, TaskDetail } from '@corch/contract';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Duration } from '../ui/time.js';
import { StatusIcon, statusWords } from './status-look.js';
import { span } from './task-words.js';

/** The tabs, which stay in view; once the header is scrolled away they bring its first line along. */
export function TaskBar({ task, run, children }: { task: TaskDetail; run: Run; children: ReactNode }) {
  const [isStuck, setStuck] = useState(false);
  const edge = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = edge.current;
    if (element === null) return;
    const observer = new IntersectionObserver(([entry]) => setStuck(entry !== undefined && !entry.isIntersecting));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const worked = span(run);
  return (
    <>
      <div ref={edge} aria-hidden className="-mb-4 h-px" />
      <div className="sticky top-0 z-10 -mx-4 border-b border-line bg-page px-4 sm:-mx-6 sm:px-6">
        {isStuck && (
          <p aria-hidden className="flex items-center gap-2 pt-2 text-sm">
            <StatusIcon status={run.status} reason={run.reason} />
            <span className="shrink-0 text-muted">{statusWords(run)}</span>
            <span className="min-w-0 flex-1 truncate font-medium">{task.title}</span>
            {worked !== null && <Duration {...worked} />}
          </p>
        )}
        {children}
      </div>
    </>
  );
}
