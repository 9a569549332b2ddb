// The filter grammar of dashboard, CLI and API; see docs/filters.md.
import { nearest } from '../nearest.js';
import { Label } from '../values.js';
import { filterKeyNames, filterKeyRow, type FilterKey } from './filter-keys.js';
import { lexFilter, type LexedTerm, type LexedValue, type Span } from './lex-filter.js';
import { readRange, type Range } from './read-values.js';

export type { Span } from './lex-filter.js';
export type { Bound, Range } from './read-values.js';

/** Characters of a filter. */
export const maxFilterLength = 1000;
export const maxFilterTerms = 30;
/** Alternatives in one term. */
export const maxFilterValues = 50;

/** What one term asks for; its values are alternatives. */
export type FilterCondition =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word'; readonly key: FilterKey; readonly values: readonly string[] }
  /** `*` stands for any characters and `?` for one, unless a part of `literal` covers it. */
  | { readonly kind: 'name'; readonly key: FilterKey; readonly values: readonly NamePattern[] }
  | { readonly kind: 'label'; readonly key: 'label'; readonly values: readonly string[] }
  | { readonly kind: 'range'; readonly key: FilterKey; readonly values: readonly Range[] };

/** A text that a name must be; quoted, `*` and `?` are letters like others. */
export interface NamePattern {
  readonly text: string;
  readonly isLiteral: boolean;
}

export type FilterTerm = Span & { readonly isNegated: boolean; readonly condition: FilterCondition };

/** What is wrong with a part of the text. `message` is the end of a sentence that begins with that part. */
export interface FilterError extends Span {
  readonly message: string;
  /** What may have been meant instead of the part. */
  readonly suggestion?: string;
}

/** What a text asks for: tasks for which every term holds. */
export interface ParsedFilter {
  readonly terms: readonly FilterTerm[];
  readonly errors: readonly FilterError[];
}

export function parseFilter(text: string): ParsedFilter {
  if (text.length > maxFilterLength) {
    const message = `is too long: a filter has at most ${maxFilterLength} characters`;
    return { terms: [], errors: [{ from: maxFilterLength, to: text.length, message }] };
  }
  const lexed = lexFilter(text);
  const surplus = lexed[maxFilterTerms];
  const errors: FilterError[] = surplus
    ? [{ from: surplus.from, to: text.length, message: `is too much: a filter has at most ${maxFilterTerms} terms` }]
    : [];
  const terms = lexed.slice(0, maxFilterTerms).flatMap((term) => {
    const condition = readTerm(term, errors);
    return condition === null ? [] : [{ from: term.from, to: term.to, isNegated: term.isNegated, condition }];
  });
  return { terms, errors };
}

function readTerm(term: LexedTerm, errors: FilterError[]): FilterCondition | null {
  const open = term.values.find(({ isOpen }) => isOpen);
  if (open !== undefined) {
    errors.push({ from: open.from, to: open.to, message: 'has no closing quote', suggestion: quoted(open.text) });
    return null;
  }
  return term.key === null ? readText(term, errors) : readKey(term, term.key, errors);
}

function readText({ values: [value] }: LexedTerm, errors: FilterError[]): FilterCondition | null {
  if (value === undefined) return null;
  const { from, to } = value;
  if (!value.isQuoted && /^(AND|OR|NOT|\(.*|.*\))$/.test(value.text)) {
    const way = 'terms are joined by AND as they are, alternatives by a comma, and a - before a term means not';
    errors.push({ from, to, message: `has no meaning here: ${way}; to look for it, put it in quotes` });
    return null;
  }
  if (value.text.trim() === '' || value.text.includes('\0')) {
    errors.push({ from, to, message: 'is nothing to look for' });
    return null;
  }
  return { kind: 'text', text: value.text };
}

function readKey({ values }: LexedTerm, name: Span & { text: string }, errors: FilterError[]): FilterCondition | null {
  const key = filterKeyNames.find((known) => known === name.text.toLowerCase());
  if (key === undefined) {
    const suggestion = nearest(name.text, filterKeyNames);
    const more =
      suggestion === undefined ? `; the keys are ${filterKeyNames.join(', ')}` : `; did you mean ${suggestion}?`;
    errors.push({ from: name.from, to: name.to, message: `is no key${more}`, ...(suggestion && { suggestion }) });
    return null;
  }
  if (values.length > maxFilterValues) {
    const [first = name, last = name] = [values[maxFilterValues], values.at(-1)];
    errors.push({
      from: first.from,
      to: last.to,
      message: `is too much: a key takes at most ${maxFilterValues} values`,
    });
    return null;
  }
  const before = errors.length;
  const empty = values.find(({ text }) => text === '');
  if (empty !== undefined) {
    const message = `needs a value, such as ${filterKeyRow(key).example}`;
    errors.push({ from: name.from, to: Math.max(empty.to, name.to + 1), message });
    return null;
  }
  const condition = readValues(key, values, errors);
  return errors.length > before ? null : condition;
}

function readValues(key: FilterKey, values: readonly LexedValue[], errors: FilterError[]): FilterCondition {
  const row = filterKeyRow(key);
  const refuse = ({ from, to }: Span, message: string, suggestion?: string) =>
    void errors.push({ from, to, message, ...(suggestion && { suggestion }) });
  switch (row.kind) {
    case 'word': {
      const words = Object.keys(row.values ?? {});
      for (const value of values) {
        if (words.includes(value.text.toLowerCase())) continue;
        const suggestion = nearest(value.text, words);
        const more = suggestion === undefined ? `; it takes ${words.join(', ')}` : `; did you mean ${suggestion}?`;
        refuse(value, `is nothing that ${key} can be${more}`, suggestion);
      }
      return { kind: 'word', key, values: values.map(({ text }) => text.toLowerCase()) };
    }
    case 'name':
      for (const value of values) if (value.text.includes('\0')) refuse(value, 'must not contain the NUL character');
      return { kind: 'name', key, values: values.map(({ text, isQuoted }) => ({ text, isLiteral: isQuoted })) };
    case 'label':
      for (const value of values) {
        if (!Label.safeParse(value.text).success) refuse(value, 'is no label; a label is key or key=value');
      }
      return { kind: 'label', key: 'label', values: values.map(({ text }) => text) };
    default: {
      const { kind } = row;
      const ranges = values.map((value) => {
        const range = readRange(kind, value.text);
        if (typeof range !== 'string') return range;
        refuse(value, range);
        return {};
      });
      return { kind: 'range', key, values: ranges };
    }
  }
}

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

/** A value as it is written in a filter: quoted where it would mean something else without. */
export function filterValue(text: string): string {
  return text !== '' && /^[^\s",*?]+$/.test(text) ? text : quoted(text);
}

/** What is wrong, as one sentence that names the part and its place. */
export function filterErrorText(text: string, { from, to, message }: FilterError): string {
  const part = text.slice(from, to);
  const shown = part.length > 40 ? `${part.slice(0, 39)}…` : part;
  return `\`${shown}\` (at ${from + 1}) ${message}`;
}
