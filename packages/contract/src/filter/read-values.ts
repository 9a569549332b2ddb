// Reads the values of a filter: counts, money, durations and times, each alone or as a range.
import type { FilterKind } from './filter-keys.js';

/** One end of a range. `isAge`: `value` is so many milliseconds before the filter is used, else a number or epoch milliseconds. */
export interface Bound {
  readonly value: number;
  readonly isInclusive: boolean;
  readonly isAge?: true;
}

export interface Range {
  readonly min?: Bound;
  readonly max?: Bound;
}

/** What a value is read as: a range, or why it is none (the end of a sentence that begins with the value). */
export type ReadRange = Range | string;

export type RangeKind = Exclude<FilterKind, 'word' | 'name' | 'label'>;

/** What one number or time covers: a day is long, a moment is not. */
interface Reading {
  readonly first: number;
  /** Behind the end, where it has one. */
  readonly end?: number;
  readonly isAge?: true;
}

const examples: Record<RangeKind, string> = {
  count: '3, >3 or 1..5',
  money: '>2 or 0.5..2',
  duration: '>10m, <2h or 1d..7d (s, m, h, d, w)',
  time: '7d, >2026-11-01 or 2026-11-01..2026-11-30',
};

const operators = /^(>=|<=|>|<)?(.*)$/s;

/** Reads `3`, `>3`, `<=3`, `1..3`, `1..` or `..3` of a kind. */
export function readRange(kind: RangeKind, text: string): ReadRange {
  const dots = text.indexOf('..');
  if (dots !== -1) return between(kind, text.slice(0, dots), text.slice(dots + 2));
  const [, operator, rest = ''] = operators.exec(text) ?? [];
  const read = readOne(kind, rest);
  if (read === undefined) return `is no ${wordOf(kind)}; write it as ${examples[kind]}`;
  if (operator !== undefined) return compared(operator, read);
  if (read.isAge) return { min: bound(read, true) };
  if (read.end !== undefined) return { min: bound(read, true), max: { value: read.end, isInclusive: false } };
  if (kind === 'duration' || kind === 'time') return `needs > or <, or a range: ${examples[kind]}`;
  return { min: bound(read, true), max: bound(read, true) };
}

function between(kind: RangeKind, low: string, high: string): ReadRange {
  const min = low === '' ? null : readOne(kind, low);
  const max = high === '' ? null : readOne(kind, high);
  if (min === undefined || max === undefined || (min === null && max === null)) {
    return `is no range; write it as ${examples[kind]}`;
  }
  const range = { ...(min && compared('>=', min)), ...(max && compared('<=', max)) };
  const isBackwards =
    range.min !== undefined &&
    range.max !== undefined &&
    range.min.isAge === range.max.isAge &&
    (range.min.isAge ? range.min.value < range.max.value : range.min.value > range.max.value);
  return isBackwards ? 'is a range whose end comes before its beginning' : range;
}

function compared(operator: string, read: Reading): Range {
  switch (operator) {
    case '>':
      return { min: read.end === undefined ? bound(read, false) : { value: read.end, isInclusive: true } };
    case '>=':
      return { min: bound(read, true) };
    case '<':
      return { max: bound(read, false) };
    default:
      return { max: read.end === undefined ? bound(read, true) : { value: read.end, isInclusive: false } };
  }
}

const bound = ({ first, isAge }: Reading, isInclusive: boolean): Bound => ({
  value: first,
  isInclusive,
  ...(isAge && { isAge }),
});

function wordOf(kind: RangeKind): string {
  return { count: 'whole number', money: 'amount of dollars', duration: 'duration', time: 'time' }[kind];
}

function readOne(kind: RangeKind, text: string): Reading | undefined {
  switch (kind) {
    case 'count':
      return /^\d{1,9}$/.test(text) ? { first: Number(text) } : undefined;
    case 'money':
      return /^\$?\d{1,9}(\.\d{1,6})?$/.test(text) ? { first: Number(text.replace('$', '')) } : undefined;
    case 'duration': {
      const first = readDuration(text);
      return first === undefined ? undefined : { first };
    }
    case 'time':
      return readTime(text);
  }
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** A hundred years: nothing is older, and dates stay dates. */
const longestMs = 100 * 366 * 86_400_000;

/** `90s`, `1h30m`, `7d` as milliseconds. */
function readDuration(text: string): number | undefined {
  if (!/^(\d{1,9}(\.\d{1,3})?[smhdw])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([smhdw])/g)];
  const total = parts.reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
  return total <= longestMs ? Math.round(total) : undefined;
}

/** A day or a moment, both UTC unless the moment names its zone, or an age. */
function readTime(text: string): Reading | undefined {
  const age = readDuration(text);
  if (age !== undefined) return { first: age, isAge: true };
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const first = Date.parse(`${text}T00:00:00Z`);
    return Number.isNaN(first) ? undefined : { first, end: first + 86_400_000 };
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/.test(text)) return undefined;
  const first = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(first) ? undefined : { first };
}
