import { completeFilter, filterErrorText, parseFilter, type FilterCandidate } from '@corch/contract';
import { clsx } from 'clsx';
import { Search, X } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { controlClass } from '../ui/field.js';
import { useCommands } from '../ui/commands.js';
import { Sentence } from '../ui/sentence.js';
import { FilterMirror } from './filter-mirror.js';
import { useKnownValues } from './use-known-values.js';

/** Typing becomes a request after a pause of this long. */
const typingMs = 250;
const mostShown = 8;

interface FilterInputProps {
  /** What holds now. */
  filter: string;
  onChange: (filter: string) => void;
}

/** Where a filter is typed: completed at the cursor, underlined where it is wrong, and applied as soon as it is right. */
export function FilterInput({ filter, onChange }: FilterInputProps) {
  const [text, setText] = useState(filter);
  const [known, setKnown] = useState(filter);
  /** What went from here to the address and is not back yet. */
  const [applied, setApplied] = useState<readonly string[]>([]);
  if (filter !== known) {
    setKnown(filter);
    // What was typed comes back here after a pause, while more is being typed; anything else came from outside.
    const at = applied.indexOf(filter.trim());
    if (at === -1) setText(filter);
    setApplied(at === -1 ? [] : applied.slice(at + 1));
  }
  const apply = (typed: string) => {
    if (typed.trim() !== filter.trim()) setApplied((before) => [...before, typed.trim()]);
    onChange(typed);
  };
  const input = useRef<HTMLInputElement>(null);
  const { errors } = parseFilter(text);
  const isValid = errors.length === 0;
  const latest = useRef({ filter, apply });
  useEffect(() => {
    latest.current = { filter, apply };
  });
  useEffect(() => {
    if (!isValid || text.trim() === latest.current.filter.trim()) return;
    const timer = setTimeout(() => latest.current.apply(text), typingMs);
    return () => clearTimeout(timer);
  }, [text, isValid]);
  useCommands('Lists', [{ keys: '/', words: 'Filter the tasks', run: () => input.current?.focus() }]);
  const completion = useCompletion(text, setText, input);
  const ids = useId();
  const [first] = errors;
  const isOpen = completion.candidates.length > 0;
  return (
    <div className="relative min-w-0 flex-1 basis-72">
      <Search size={16} aria-hidden className="absolute top-2.5 left-2.5 z-10 text-muted" />
      <div className="relative">
        <FilterMirror text={text} errors={errors} input={input} />
        <input
          ref={input}
          role="combobox"
          type="text"
          aria-label="Filter the tasks"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${ids}-list`}
          aria-activedescendant={completion.active === -1 ? undefined : `${ids}-${completion.active}`}
          aria-invalid={isValid ? undefined : true}
          aria-describedby={first === undefined ? undefined : `${ids}-error`}
          placeholder='status:failed repo:acme/* age:<7d "flaky test"'
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={1000}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            completion.look();
          }}
          onSelect={completion.look}
          onFocus={completion.look}
          onBlur={completion.close}
          onKeyDown={(event) => {
            if (completion.onKey(event)) return;
            if (event.key === 'Enter' && isValid) apply(text);
            if (event.key === 'Escape') input.current?.blur();
          }}
          className={clsx(
            controlClass,
            'relative w-full bg-transparent pr-8 pl-8 font-mono text-transparent caret-ink sm:text-[0.8125rem] forced-colors:text-[FieldText]',
          )}
        />
        {text !== '' && (
          <button
            type="button"
            aria-label="Clear the filter"
            onClick={() => {
              setText('');
              apply('');
              input.current?.focus();
            }}
            className="absolute top-1 right-1 inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
          >
            <X size={15} aria-hidden />
          </button>
        )}
      </div>
      <ul
        id={`${ids}-list`}
        role="listbox"
        aria-label="Completions"
        hidden={!isOpen}
        className="absolute z-20 mt-1 max-h-80 w-full max-w-md overflow-y-auto rounded-xl border border-line bg-surface p-1 shadow-lg"
      >
        {completion.candidates.map((candidate, index) => (
          <li
            key={candidate.insert}
            id={`${ids}-${index}`}
            role="option"
            aria-selected={index === completion.active}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              completion.accept(candidate);
            }}
            className="flex min-h-8 cursor-pointer items-baseline gap-3 rounded-md px-2 py-1 text-sm aria-selected:bg-sunken hover:bg-sunken"
          >
            <code className="shrink-0 font-mono text-[0.8125rem]">{candidate.insert}</code>
            <span className="min-w-0 truncate text-[0.8125rem] text-muted">{candidate.about}</span>
          </li>
        ))}
      </ul>
      {first !== undefined && (
        <p id={`${ids}-error`} role="alert" className="mt-1 text-[0.8125rem] text-red">
          <Sentence text={filterErrorText(text, first)} />{' '}
          {first.suggestion !== undefined && (
            <button
              type="button"
              className="font-medium underline"
              onClick={() => setText(text.slice(0, first.from) + (first.suggestion ?? '') + text.slice(first.to))}
            >
              Use {first.suggestion}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** What Tab makes of what was typed: the first that begins so, or the only one there is. */
function completed(candidates: readonly FilterCandidate[], typed: string): FilterCandidate | undefined {
  const begun = typed.toLowerCase();
  if (begun === '') return undefined;
  const found = candidates.find(({ insert }) => insert.toLowerCase().startsWith(begun));
  return found ?? (candidates.length === 1 ? candidates[0] : undefined);
}

/** What could stand at the cursor, and the keys that choose. */
function useCompletion(text: string, setText: (text: string) => void, input: RefObject<HTMLInputElement | null>) {
  const values = useKnownValues();
  const [cursor, setCursor] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  /** Where the cursor goes once the field shows what was chosen, before the next key is typed. */
  const place = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (place.current !== null) input.current?.setSelectionRange(place.current, place.current);
    place.current = null;
  });
  const found = cursor === null ? null : completeFilter(text, Math.min(cursor, text.length), values);
  const typed = found === null ? '' : text.slice(found.from, found.to);
  const candidates = (found?.candidates ?? []).filter(({ insert }) => insert !== typed).slice(0, mostShown);
  const close = () => {
    setCursor(null);
    setActive(-1);
  };
  const look = () => {
    setCursor(input.current?.selectionStart ?? null);
    setActive(-1);
  };
  const accept = ({ insert, kind }: FilterCandidate) => {
    if (found === null) return;
    const after = text.slice(found.to);
    const written = kind === 'value' && after === '' ? `${insert} ` : insert;
    const end = found.from + written.length;
    setText(text.slice(0, found.from) + written + after);
    setActive(-1);
    setCursor(end);
    place.current = end;
  };
  /** True when the key was for the completion. */
  const onKey = (event: KeyboardEvent): boolean => {
    if (candidates.length === 0) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const chosen = active === -1 && event.key === 'Tab' ? completed(candidates, typed) : candidates[active];
    if (step !== 0) {
      setActive((active + step + candidates.length + (active === -1 && step === -1 ? 1 : 0)) % candidates.length);
    } else if ((event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) && chosen !== undefined) {
      accept(chosen);
    } else if (event.key === 'Escape') {
      close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  };
  return { candidates, active, accept, look, close, onKey };
}
