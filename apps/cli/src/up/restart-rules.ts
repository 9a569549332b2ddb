/** A program that lived so long had started well. */
const steadyMs = 60_000;
const maxQuickDeaths = 5;
const maxDelayMs = 30_000;

export type AfterDeath =
  | { readonly action: 'restart'; readonly delayMs: number; readonly quickDeaths: number }
  | { readonly action: 'give_up' };

/** What follows when a program ended unasked after `livedMs`; `quickDeaths` counts those in a row that lived less than a minute. */
export function afterDeath(livedMs: number, quickDeaths: number): AfterDeath {
  const quick = livedMs >= steadyMs ? 1 : quickDeaths + 1;
  if (quick > maxQuickDeaths) return { action: 'give_up' };
  return { action: 'restart', delayMs: Math.min(1000 * 2 ** (quick - 1), maxDelayMs), quickDeaths: quick };
}
