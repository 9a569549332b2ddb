import type { Settings } from '@corch/contract';

export const dayMs = 86_400_000;

/** The most that transcripts and files may take together, in bytes; null: no limit. */
export function maxStoredBytes({ maxStoredMb }: Pick<Settings, 'maxStoredMb'>): number | null {
  return maxStoredMb === null ? null : maxStoredMb * 1_000_000;
}
