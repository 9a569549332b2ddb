import { z } from 'zod';
import { Name } from './values.js';

export const Pool = z.object({
  name: z.string(),
  /** Nothing new is claimed. */
  paused: z.boolean(),
  /** The most runs of the pool at once; null: no limit. */
  concurrency: z.number().int().nullable().default(null),
  /** Workers may be away at most so long before their runs of the pool are given to others; null: LOST_AFTER_CAP_MS. */
  lostAfterCapSeconds: z.number().int().nullable().default(null),
  queued: z.number().int(),
  running: z.number().int(),
  workersOnline: z.number().int(),
});
export type Pool = z.infer<typeof Pool>;
/** How many workers a pool could use, for whatever starts machines. */
export const WantedWorkers = z.object({
  pool: z.string(),
  paused: z.boolean(),
  /** Runs in line now. */
  queued: z.number().int(),
  running: z.number().int(),
  /**
   * Of those in line, how many would start at once if there were workers enough: under the limits of keys, pool and everything
   * together, and without those that no worker of this pool could take, or only one machine.
   */
  startable: z.number().int(),
  workersOnline: z.number().int(),
  /** Runs that the workers which are online, and take anything, have room for. */
  freeSlots: z.number().int(),
  /** How many runs at once one worker is counted with. */
  workerSize: z.number().int(),
  /** So many workers of that size, in all, fill what runs and what could start. */
  wanted: z.number().int(),
  /** So many of them to start beside those that are online. */
  missing: z.number().int(),
});
export type WantedWorkers = z.infer<typeof WantedWorkers>;

export const WantedQuery = z.strictObject({
  /** One pool; all of them when absent. */
  pool: Name.optional(),
  /** How many runs at once a new worker takes; as those that are online do, when absent. */
  size: z.coerce.number().int().min(1).max(1000).optional(),
});
export type WantedQuery = z.infer<typeof WantedQuery>;

/** What may be changed about a pool; what is not named stays. */
export const EditPool = z
  .strictObject({
    paused: z.boolean().optional(),
    concurrency: z.number().int().min(1).max(100_000).nullable().optional(),
    lostAfterCapSeconds: z.number().int().min(1).max(86_400).nullable().optional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, 'name at least one of paused, concurrency, lostAfterCapSeconds');
export type EditPool = z.infer<typeof EditPool>;
