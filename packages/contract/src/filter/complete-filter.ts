// What could stand at the cursor of somebody who types a filter.
import { filterKeyNames, filterKeyRow, type FilterKey } from './filter-keys.js';
import { lexFilter, type Span } from './lex-filter.js';
import { filterValue } from './parse-filter.js';

/** Something to put in place of what was typed from `from` to `to`. */
export interface FilterCandidate {
  /** What is written; a key with its colon. */
  readonly insert: string;
  readonly kind: 'key' | 'value';
  /** What it means; empty when it says so itself. */
  readonly about: string;
}

export interface FilterCompletion extends Span {
  /** The best first; none when nothing known fits. */
  readonly candidates: readonly FilterCandidate[];
}

/** Values that only the caller knows, such as the names of pools, workers, repositories and labels. */
export type KnownValues = Partial<Record<FilterKey, readonly string[]>>;

/** The candidates for the word that the cursor is in or behind. */
export function completeFilter(text: string, cursor: number, known: KnownValues = {}): FilterCompletion {
  const term = lexFilter(text).find(({ from, to }) => from <= cursor && cursor <= to);
  if (term === undefined) return { from: cursor, to: cursor, candidates: keysLike('') };
  if (term.key === null) {
    const from = term.from + (term.isNegated || text[term.from] === '-' ? 1 : 0);
    if (text[from] === '"') return { from, to: term.to, candidates: [] };
    return { from, to: term.to, candidates: keysLike(text.slice(from, cursor)) };
  }
  if (cursor <= term.key.to) {
    const { from } = term.key;
    return { from, to: term.key.to + 1, candidates: keysLike(text.slice(from, cursor)) };
  }
  const value = term.values.find(({ from, to }) => from <= cursor && cursor <= to);
  const key = filterKeyNames.find((name) => name === term.key?.text.toLowerCase());
  if (value === undefined || key === undefined) return { from: cursor, to: cursor, candidates: [] };
  const typed = text.slice(value.from, cursor).replace(/^"/, '');
  const others = new Set(term.values.filter((other) => other !== value).map((other) => other.text));
  const candidates = valuesOf(key, known)
    .filter(({ text: name }) => !others.has(name) && name.toLowerCase().includes(typed.toLowerCase()))
    .sort((a, b) => Number(startsWith(b.text, typed)) - Number(startsWith(a.text, typed)))
    .map(({ text: name, about }) => ({ insert: filterValue(name), kind: 'value' as const, about }));
  return { from: value.from, to: value.to, candidates };
}

function keysLike(typed: string): FilterCandidate[] {
  return filterKeyNames
    .filter((name) => startsWith(name, typed))
    .map((name) => ({ insert: `${name}:`, kind: 'key', about: filterKeyRow(name).about }));
}

function valuesOf(key: FilterKey, known: KnownValues): { text: string; about: string }[] {
  const { values } = filterKeyRow(key);
  const own = Object.entries(values ?? {}).map(([text, about]) => ({ text, about }));
  return [...own, ...(known[key] ?? []).map((text) => ({ text, about: '' }))];
}

const startsWith = (text: string, typed: string) => text.toLowerCase().startsWith(typed.toLowerCase());
