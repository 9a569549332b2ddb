// Keeps a single event small. What is left out is said in a `gap` right behind it.
import { byteLength, type EventBody } from '@corch/contract';
import type { z } from 'zod';

type Json = z.core.util.JSONType;
type Gap = EventBody & { type: 'gap' };

/** Bytes of one text in one event. */
export const maxTextBytes = 256 * 1024;
/** Bytes of one string inside the input of a tool; an input has several. */
const maxInputStringBytes = 64 * 1024;

/** The start of a text that fits into `max` bytes of UTF-8, never half a character. */
export function startOf(text: string, max: number): string {
  if (text.length * 3 <= max || byteLength(text) <= max) return text;
  const bytes = new TextEncoder().encode(text).subarray(0, max);
  return new TextDecoder().decode(bytes, { stream: true });
}

/** Cuts a text to {@link maxTextBytes}. */
export function cutText(text: string): { text: string; gaps: Gap[] } {
  const start = startOf(text, maxTextBytes);
  return start === text ? { text, gaps: [] } : { text: start, gaps: [gap(byteLength(text) - byteLength(start))] };
}

/** Cuts long strings anywhere in a JSON value, and drops the whole value when it is still too large. */
export function cutInput<T extends Json>(value: T): { value: T; gaps: Gap[] };
export function cutInput(value: Json): { value: Json; gaps: Gap[] } {
  const size = byteLength(JSON.stringify(value));
  if (size <= maxTextBytes) return { value, gaps: [] };
  const smaller = shorten(value);
  const rest = byteLength(JSON.stringify(smaller));
  if (rest <= maxTextBytes * 2) return { value: smaller, gaps: [gap(size - rest)] };
  return { value: { leftOut: `${size} bytes` }, gaps: [gap(size)] };
}

function shorten(value: Json): Json {
  if (typeof value === 'string') return startOf(value, maxInputStringBytes);
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shorten(item)]));
}

function gap(bytes: number): Gap {
  return { type: 'gap', text: `${bytes} bytes were left out: one entry keeps at most 256 kB.`, bytes };
}
