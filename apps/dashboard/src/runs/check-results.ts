import type { Run } from '@corch/contract';

type Result = Run['checks'][number];

/** Each command as it went last, in the order in which they ran first: checks that were sent back to Claude ran again. */
export function lastResults(results: readonly Result[]): Result[] {
  return [...new Map(results.map((result) => [`${result.kind} ${result.name}`, result])).values()];
}

/** `check passed in round 2`, `setup failed, exit code 1`. */
export function resultWords({ kind, state, round, exitCode }: Result): string {
  const code = state === 'failed' && exitCode !== null ? `, exit code ${exitCode}` : '';
  return `${kind} ${state}${round === 0 ? '' : ` in round ${round}`}${code}`;
}
