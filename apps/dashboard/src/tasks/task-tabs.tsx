import type { Run } from '@corch/contract';
import { clsx } from 'clsx';
import { useEffect, useRef } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router-dom';
import { useCommands } from '../ui/commands.js';
import { statWords } from './task-words.js';

const tabs = ['conversation', 'changes', 'answer', 'timeline', 'runs', 'details', 'raw'] as const;
export type Tab = (typeof tabs)[number];

const words: Record<Tab, string> = {
  conversation: 'Conversation',
  changes: 'Changes',
  answer: 'Answer',
  timeline: 'Timeline',
  runs: 'Runs',
  details: 'Details',
  raw: 'Raw',
};

export function readTab(search: URLSearchParams): Tab {
  return tabs.find((tab) => tab === search.get('tab')) ?? 'conversation';
}

interface TaskTabsProps {
  tab: Tab;
  run: Run;
  runCount: number;
}

/** The parts of a task page. The address keeps which one is open. */
export function TaskTabs({ tab, run, runCount }: TaskTabsProps) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const address = (target: Tab) => {
    const next = new URLSearchParams(search);
    if (target === 'conversation') next.delete('tab');
    else next.set('tab', target);
    return `?${next.toString()}`;
  };
  useCommands(
    'Task',
    tabs.map((target, index) => ({
      keys: String(index + 1),
      words: words[target],
      run: () => void navigate(address(target)),
    })),
  );
  // On a phone there is room for three of them.
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (nav.current == null || current == null) return;
    nav.current.scrollLeft = current.offsetLeft - (nav.current.clientWidth - current.offsetWidth) / 2;
  }, [tab]);
  const notes: Partial<Record<Tab, string>> = {
    ...(run.stat !== null && run.stat.files > 0 ? { changes: statWords(run.stat) } : {}),
    ...(runCount > 1 ? { runs: String(runCount) } : {}),
  };
  return (
    <nav ref={nav} aria-label="Parts of the task" className="relative flex overflow-x-auto">
      {tabs.map((target) => (
        <Link
          key={target}
          to={address(target)}
          aria-current={target === tab ? 'page' : undefined}
          className={clsx(
            'flex min-h-10 items-center gap-1.5 border-b-2 px-3 text-sm whitespace-nowrap -outline-offset-2',
            target === tab ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink',
          )}
        >
          {words[target]}
          {notes[target] !== undefined && <span className="text-xs text-muted tabular-nums">{notes[target]}</span>}
        </Link>
      ))}
    </nav>
  );
}
