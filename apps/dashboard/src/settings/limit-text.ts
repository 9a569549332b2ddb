// Limits as people type them: a whole number, or nothing for none.

/** The number in a field, null when it is empty; NaN when it is no whole number. */
export function readLimit(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

export function showLimit(limit: number | null): string {
  return limit === null ? '' : String(limit);
}

/** What is wrong with a limit, or undefined. */
export function limitError(limit: number | null, max: number): string | undefined {
  if (limit === null || (limit >= 1 && limit <= max)) return undefined;
  return `Must be a whole number from 1 to ${max.toLocaleString('en')}, or empty.`;
}
