// Decides, without acting, whether workers fell silent because of themselves or because nobody could reach the orchestrator. Pure.

/** A worker that holds runs and is not heard from. */
export interface Silence {
  readonly workerId: string;
  /** When its lease expired. */
  readonly since: number;
}

/** Of two workers, both may well be switched off in the same minute. */
const fewestHolders = 3;

/**
 * Of the silent workers, those that fell silent within `withinMs` of each other, when they are more than half of the `holders`
 * (workers that hold runs, silent or not); else none. Machines do not fail together: the network in between is the likely cause.
 */
export function fellSilentTogether(silences: readonly Silence[], holders: number, withinMs: number): Silence[] {
  if (holders < fewestHolders) return [];
  const sorted = [...silences].sort((a, b) => a.since - b.since);
  const groups = sorted.map((first, index) =>
    sorted.slice(index).filter(({ since }) => since - first.since <= withinMs),
  );
  const largest = groups.reduce<Silence[]>((best, group) => (group.length > best.length ? group : best), []);
  return largest.length * 2 > holders ? largest : [];
}
