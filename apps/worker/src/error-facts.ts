// What an unknown error tells. By its fields, not by its class: errors of the system come from another realm in tests.

function fieldOf(error: unknown, name: 'code' | 'message' | 'name' | 'stack' | 'syscall'): string | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value = (error as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** The system's code, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return fieldOf(error, 'code');
}

/** The sentence of an error, or the thing itself as text. */
export function messageOf(error: unknown): string {
  return fieldOf(error, 'message') ?? String(error);
}

/** The stack where there is one, for logs. */
export function stackOf(error: unknown): string {
  return fieldOf(error, 'stack') ?? messageOf(error);
}

/** Thrown by what `AbortSignal.timeout` or `within` ended. */
export function isTimeout(error: unknown): boolean {
  return fieldOf(error, 'name') === 'TimeoutError';
}

/** A program that could not be started. */
export function isSpawnError(error: unknown): boolean {
  return fieldOf(error, 'syscall')?.startsWith('spawn') ?? false;
}
