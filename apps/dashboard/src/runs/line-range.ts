import type { PatchLine } from './patch.js';

/** Some lines of a file of a change, as they were before it (`old`) or are after it. */
export interface LineRange {
  readonly path: string;
  readonly side: 'old' | 'new';
  readonly from: number;
  readonly to: number;
}

const letters = { old: 'B', new: 'L' } as const;

/** Where a line of a change can be pointed at; null for a note. What stands on both sides is meant as it is after the change. */
export function placeOf({ kind, before, after }: PatchLine): { line: number; side: 'old' | 'new' } | null {
  if (kind === 'note') return null;
  if (kind === 'del') return before === null ? null : { line: before, side: 'old' };
  return after === null ? null : { line: after, side: 'new' };
}

/** `#L47-52:src/auth.ts`; `B` for lines that are there no more. */
export function rangeHash({ path, side, from, to }: LineRange): string {
  const lines = from === to ? String(from) : `${from}-${to}`;
  return `#${letters[side]}${lines}:${encodeURI(path)}`;
}

/** The lines that an address points at; null when at none. */
export function readRange(hash: string): LineRange | null {
  const [, letter, first, last, path] = /^#([LB])(\d+)(?:-(\d+))?:(.+)$/.exec(hash) ?? [];
  if (letter === undefined || path === undefined) return null;
  const [from, to] = [Number(first), Number(last ?? first)].sort((left, right) => left - right);
  const side = letter === letters.old ? 'old' : 'new';
  try {
    return { path: decodeURI(path), side, from: from ?? 0, to: to ?? 0 };
  } catch {
    return null;
  }
}

/** With the line added: up to it when the range is of the same file and side, else the line alone. */
export function extendRange(range: LineRange | null, { path, side, from: line }: LineRange): LineRange {
  if (range?.path !== path || range.side !== side) return { path, side, from: line, to: line };
  return { path, side, from: Math.min(range.from, line), to: Math.max(range.to, line) };
}

export function holds(range: LineRange | null, side: LineRange['side'], line: number | null): boolean {
  return range !== null && line !== null && range.side === side && range.from <= line && line <= range.to;
}

/** `line 47`, `lines 47 to 52`. */
export function rangeWords({ from, to }: LineRange): string {
  return from === to ? `line ${from}` : `lines ${from} to ${to}`;
}
