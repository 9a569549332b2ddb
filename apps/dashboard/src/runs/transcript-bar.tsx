import { clsx } from 'clsx';
import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { useCommands } from '../ui/commands.js';
import { controlClass } from '../ui/field.js';
import { useStore } from '../ui/store.js';
import { useSettled } from '../ui/use-settled.js';
import { chooseLevel, levels, levelStore, type Level } from './density.js';
import { findFailures, findText, nextOf } from './find-steps.js';
import type { Step } from './steps.js';

const levelWords: Record<Level, { words: string; about: string }> = {
  summary: { words: 'Summary', about: 'What was said and done, tools in one line' },
  normal: { words: 'Normal', about: 'Every step, folded' },
  verbose: { words: 'Verbose', about: 'Every step, open' },
};

/** Typing looks into a long transcript after a pause of this long. */
const typingMs = 150;

/** Finds in the transcript, goes from failure to failure, and says how much of it is shown. */
export function TranscriptBar({ steps }: { steps: readonly Step[] }) {
  const [text, setText] = useState('');
  const settled = useSettled(text, typingMs);
  const found = useMemo(() => findText(steps, settled), [steps, settled]);
  const level = useStore(levelStore);
  const input = useRef<HTMLInputElement>(null);
  const { at, goTo } = usePlace();
  const go = (among: readonly number[], step: 1 | -1) => {
    const next = nextOf(among, at, step);
    if (next !== undefined) goTo(next);
  };
  useCommands('Transcript', [
    { keys: '/', words: 'Find in the transcript', run: () => input.current?.focus() },
    { keys: 'f', words: 'Next failure', run: () => go(findFailures(steps), 1) },
    { keys: 'F', words: 'Previous failure', run: () => go(findFailures(steps), -1) },
    {
      keys: 'z',
      words: 'More or less detail',
      run: () => chooseLevel(levels[(levels.indexOf(level) + 1) % levels.length] ?? 'normal'),
    },
  ]);
  const place = found.indexOf(at) + 1;
  return (
    <div className="flex flex-1 flex-wrap items-center justify-end gap-2">
      <div role="search" aria-label="Find in the transcript" className="relative flex items-center">
        <Search size={14} aria-hidden className="absolute left-2.5 text-muted" />
        <input
          ref={input}
          type="search"
          aria-label="Find in the transcript"
          placeholder="Find"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') go(found, event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') input.current?.blur();
          }}
          className={clsx(controlClass, 'w-40 pl-7 sm:w-44')}
        />
        {settled.trim() !== '' && (
          <span role="status" className="ml-2 tabular-nums">
            {found.length === 0 ? 'none' : place === 0 ? `${found.length} found` : `${place} of ${found.length}`}
          </span>
        )}
        {found.length > 0 && (
          <>
            <StepButton words="Previous one" onClick={() => go(found, -1)}>
              <ChevronUp size={15} aria-hidden />
            </StepButton>
            <StepButton words="Next one" onClick={() => go(found, 1)}>
              <ChevronDown size={15} aria-hidden />
            </StepButton>
          </>
        )}
      </div>
      <div role="group" aria-label="Detail" className="flex gap-0.5 rounded-lg bg-sunken p-0.5">
        {levels.map((one) => (
          <button
            key={one}
            type="button"
            title={levelWords[one].about}
            aria-pressed={level === one}
            onClick={() => chooseLevel(one)}
            className={clsx(
              'min-h-7 rounded-md px-2.5',
              level === one ? 'bg-surface font-medium text-ink shadow-sm' : 'hover:text-ink',
            )}
          >
            {levelWords[one].words}
          </button>
        ))}
      </div>
    </div>
  );
}

function StepButton({ words, onClick, children }: { words: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={words}
      title={words}
      onClick={onClick}
      className="inline-flex size-7 items-center justify-center rounded-md hover:bg-sunken hover:text-ink"
    >
      {children}
    </button>
  );
}

/** The event that the address points at, 0 when none; going somewhere changes the address. */
function usePlace(): { at: number; goTo: (seq: number) => void } {
  const { hash, search } = useLocation();
  const navigate = useNavigate();
  return {
    at: Number(/^#ev-(\d+)$/.exec(hash)?.[1] ?? 0),
    goTo: (seq) => void navigate({ search, hash: `ev-${seq}` }, { replace: true, preventScrollReset: true }),
  };
}
