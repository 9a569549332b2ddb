import { clsx } from 'clsx';
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useShortcuts } from '../ui/shortcuts.js';
import { controlClass } from '../ui/field.js';
import { usePools } from '../workers/use-workers.js';
import { isSameStatus, statusGroups, type Filters } from './filters.js';

/** Typing becomes a request after a pause of this long. */
const typingMs = 250;

interface FilterBarProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FilterBar({ filters, onChange }: FilterBarProps) {
  const pools = usePools();
  return (
    <div role="search" aria-label="Filter tasks" className="flex flex-col gap-2">
      <div role="group" aria-label="Status" className="-mx-1 flex gap-1 overflow-x-auto p-1">
        {statusGroups.map((group) => {
          const isChosen = isSameStatus(group.status, filters.status);
          return (
            <button
              key={group.id}
              type="button"
              aria-pressed={isChosen}
              onClick={() => onChange({ ...filters, status: group.status })}
              className={clsx(
                'min-h-8 rounded-full border px-3 text-sm whitespace-nowrap',
                isChosen
                  ? 'border-accent bg-accent-soft font-medium text-accent'
                  : 'border-line bg-surface hover:bg-sunken',
              )}
            >
              {group.words}
            </button>
          );
        })}
      </div>
      <div className="flex flex-wrap gap-2">
        <TextFilter filters={filters} onChange={onChange} />
        <select
          aria-label="Pool"
          value={filters.pool ?? ''}
          onChange={(event) => onChange({ ...filters, pool: event.target.value === '' ? null : event.target.value })}
          className={clsx(controlClass, 'flex-1 sm:flex-none')}
        >
          <option value="">All pools</option>
          {poolNames(pools.data?.data.map((pool) => pool.name) ?? [], filters.pool).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <LabelFilter filters={filters} onChange={onChange} />
      </div>
    </div>
  );
}

/** The filter may name a pool that is gone. */
function poolNames(names: readonly string[], chosen: string | null): readonly string[] {
  return chosen === null || names.includes(chosen) ? names : [...names, chosen];
}

function TextFilter({ filters, onChange }: FilterBarProps) {
  const [text, setText] = useState(filters.text);
  const [known, setKnown] = useState(filters.text);
  if (filters.text !== known) {
    setKnown(filters.text);
    // What was typed comes back here after a pause, while more is being typed; anything else came from outside.
    if (filters.text === '' || !text.startsWith(filters.text)) setText(filters.text);
  }
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef({ filters, onChange });
  useEffect(() => {
    latest.current = { filters, onChange };
  });
  useShortcuts({ '/': () => input.current?.focus() });
  useEffect(() => {
    if (text === latest.current.filters.text) return;
    const timer = setTimeout(() => latest.current.onChange({ ...latest.current.filters, text }), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="relative w-full sm:w-72">
      <Search size={16} aria-hidden className="absolute top-1/2 left-2.5 -translate-y-1/2 text-muted" />
      <input
        ref={input}
        type="search"
        aria-label="Search title and prompt"
        placeholder="Search title and prompt"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={clsx(controlClass, 'w-full pl-8')}
      />
    </div>
  );
}

function LabelFilter({ filters, onChange }: FilterBarProps) {
  const [text, setText] = useState('');
  return (
    <form
      className="flex flex-1 flex-wrap items-center gap-2 sm:flex-none"
      onSubmit={(event) => {
        event.preventDefault();
        const label = text.trim();
        if (label === '') return;
        onChange({ ...filters, labels: [...new Set([...filters.labels, label])] });
        setText('');
      }}
    >
      <input
        aria-label="Label, Enter adds it"
        placeholder="Label, then Enter"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={clsx(controlClass, 'w-36 flex-1 sm:w-44')}
      />
      {filters.labels.map((label) => (
        <button
          key={label}
          type="button"
          aria-label={`Remove label ${label}`}
          onClick={() => onChange({ ...filters, labels: filters.labels.filter((other) => other !== label) })}
          className="inline-flex min-h-8 items-center gap-1 rounded-full border border-accent bg-accent-soft px-3 text-sm text-accent"
        >
          {label}
          <X size={14} aria-hidden />
        </button>
      ))}
    </form>
  );
}
