import { z } from 'zod';
import { Name, Timestamp } from './values.js';

/** `git`: what git signs in with at the server of the repository. `api`: what the REST API of that server is asked with. */
export const secretUses = ['git', 'api'] as const;
export const SecretUse = z.enum(secretUses);
export type SecretUse = z.infer<typeof SecretUse>;

/** Nothing that could end a line of the protocols that carry it. */
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line');

/** Shorter values cannot be told from ordinary text, so they could not be taken out of transcripts. */
export const minSecretLength = 8;

/** Sets a secret of a repository, or replaces it. Its value is never shown again. */
export const SetSecret = z.strictObject({
  value: line(8000).refine(
    (value) => value.trim().length >= minSecretLength,
    `must have at least ${minSecretLength} characters, since shorter ones could not be hidden in transcripts`,
  ),
  /** Sent beside the value where a name is asked for; servers that take tokens accept any. */
  username: line(200)
    .regex(/^[^:]*$/, 'must not contain a colon')
    .optional(),
  /** What it is for from now on. When absent: whatever the repository has no secret for yet. */
  uses: z.array(SecretUse).max(2).optional(),
});
export type SetSecret = z.infer<typeof SetSecret>;

/** A secret without its value. */
export const Secret = z.object({
  repository: z.string(),
  name: Name,
  username: z.string().nullable(),
  /** What the repository uses it for. */
  uses: z.array(SecretUse),
  /** False when the key that it was sealed with is not at hand: set it again, or bring the key back. */
  readable: z.boolean(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  /** The name of the key or session that set it last. */
  updatedBy: z.string(),
});
export type Secret = z.infer<typeof Secret>;

/** A secret as the worker that holds a run gets it. */
export const RunSecret = z.object({ username: z.string(), value: z.string() });
export type RunSecret = z.infer<typeof RunSecret>;
