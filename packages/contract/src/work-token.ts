import { z } from 'zod';

/**
 * What stands in Redis for "there is work". It wakes a claim and promises nothing: the database decides which run that gets.
 * Orchestrators and the workers that wait on Redis themselves read it.
 */
export const WorkToken = z.object({
  /** The run that it was made for; absent when more runs of the pool may go than before. */
  runId: z.string().optional(),
  /** Who has claimed for it in vain. */
  passedBy: z.array(z.string()).default([]),
});
export type WorkToken = z.infer<typeof WorkToken>;

/** A token goes to so many at most; a run that suits none of them is found by the polls. */
const maxPasses = 32;

/** What others get of a token that `by` could do nothing with; null when enough have tried. */
export function passOn(token: WorkToken, by: string): WorkToken | null {
  const passedBy = [...token.passedBy, by];
  return passedBy.length < maxPasses ? { ...token, passedBy } : null;
}
