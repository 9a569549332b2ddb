import { z } from 'zod';
import { EnrolmentId, KeyId, Text, Timestamp } from './values.js';

/** `read`: see everything. `submit`: also submit and steer tasks, which means running code as the worker's user. `admin`: everything. */
export const scopes = ['admin', 'submit', 'read'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

const rank: Record<Scope, number> = { read: 0, submit: 1, admin: 2 };

/** Whether somebody with `held` may do what needs `needed`. */
export function allows(held: Scope, needed: Scope): boolean {
  return rank[held] >= rank[needed];
}

export const CreateKey = z.strictObject({
  name: Text.trim().min(1).max(100),
  scope: Scope.default('submit'),
  expiresAt: Timestamp.optional(),
});
export type CreateKey = z.input<typeof CreateKey>;

/** An API key without its secret part. */
export const Key = z.object({
  id: KeyId,
  name: z.string(),
  scope: Scope,
  /** The first characters, to recognise it by. */
  prefix: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
});
export type Key = z.infer<typeof Key>;

/** The only time the whole key is shown. */
export const CreatedKey = Key.extend({ key: z.string() });
export type CreatedKey = z.infer<typeof CreatedKey>;

/** A browser signs in with the token of a one-time link, or with an API key. */
export const OpenSession = z.union([
  z.strictObject({ link: z.string().min(1).max(200) }),
  z.strictObject({ key: z.string().min(1).max(200) }),
]);
export type OpenSession = z.infer<typeof OpenSession>;
export const Session = z.object({ name: z.string(), scope: Scope, expiresAt: Timestamp.nullable() });
export type Session = z.infer<typeof Session>;

/** A one-time link that signs a browser in (10 minutes). */
export const SignInLink = z.object({ url: z.string(), expiresAt: Timestamp });
export type SignInLink = z.infer<typeof SignInLink>;

/** Permission to enrol one worker (once, 1 hour), without its token. */
export const Enrolment = z.object({
  id: EnrolmentId,
  /** The name of the key or session that made it. */
  createdBy: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type Enrolment = z.infer<typeof Enrolment>;

/** The only time the token is shown. */
export const CreatedEnrolment = Enrolment.extend({
  token: z.string(),
  /** Where workers on other machines find the orchestrator (PUBLIC_URL); null when nobody said. */
  url: z.string().nullable(),
});
export type CreatedEnrolment = z.infer<typeof CreatedEnrolment>;
