import { z } from 'zod';
import { defaultApprovalWaitSeconds } from './approval.js';

/** What holds for the whole orchestrator and is changed while it works. Kept in the database, so every instance has the same. */
export const Settings = z.object({
  /** The most runs at once over all pools; null: no limit. */
  maxRunning: z.number().int().nullable(),
  /** So many days after its end a task is deleted with everything that belongs to it; null: never. */
  keepTasksDays: z.number().int().nullable(),
  /** So many days after the end of its task a run is left without transcript and files; null: never. */
  keepTranscriptsDays: z.number().int().nullable().default(null),
  /**
   * The most that transcripts and files may take together, in megabytes (10^6 bytes); null: no limit. What is above goes, of the runs
   * that ended first first; a change that is not delivered stays.
   */
  maxStoredMb: z.number().int().nullable().default(null),
  /** When a run has waited so long for a decision, its worker is free for others until it is decided. */
  approvalWaitSeconds: z.number().int().default(defaultApprovalWaitSeconds),
});
export type Settings = z.infer<typeof Settings>;

/** What may be changed; what is not named stays. */
export const EditSettings = z
  .strictObject({
    maxRunning: z.number().int().min(1).max(100_000).nullable().optional(),
    keepTasksDays: z.number().int().min(1).max(36_500).nullable().optional(),
    keepTranscriptsDays: z.number().int().min(1).max(36_500).nullable().optional(),
    maxStoredMb: z.number().int().min(1).max(1_000_000_000).nullable().optional(),
    /** Null: back to the default. */
    approvalWaitSeconds: z.number().int().min(1).max(86_400).nullable().optional(),
  })
  .refine(
    (edit) => Object.keys(edit).length > 0,
    'name at least one of maxRunning, keepTasksDays, keepTranscriptsDays, maxStoredMb, approvalWaitSeconds',
  );
export type EditSettings = z.infer<typeof EditSettings>;
