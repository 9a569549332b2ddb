// What the secrets look like. Only their SHA-256 is stored: with 256 random bits behind it, no slow hash is needed.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RunId, WorkerId } from '@corch/contract';

const prefixes = {
  key: 'corch_',
  link: 'corch_link_',
  session: 'corch_sess_',
  enrolment: 'corch_enrol_',
  worker: 'corch_worker_',
} as const;

export type TokenKind = keyof typeof prefixes;

/** 32 random bytes as base64url. */
const secretLength = 43;

/** A new secret of a kind. Shown or sent once; keep {@link hashToken} of it. */
export function newToken(kind: TokenKind): string {
  return prefixes[kind] + randomBytes(32).toString('base64url');
}

/** SHA-256, hexadecimal. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The kind of a token by its form, or null when it is none. The length decides: random characters may look like a prefix. */
export function tokenKind(token: string): TokenKind | 'run' | null {
  if (token.startsWith('corch_run_run_')) return 'run';
  for (const [kind, prefix] of Object.entries(prefixes) as [TokenKind, string][]) {
    if (token.length !== prefix.length + secretLength || !token.startsWith(prefix)) continue;
    if (/^[\w-]+$/.test(token.slice(prefix.length))) return kind;
  }
  return null;
}

/** What an API key is recognised by in lists. */
export function displayPrefix(key: string): string {
  return key.slice(0, prefixes.key.length + 6);
}

/** What run tokens are made with. */
export function newRunSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What a run token speaks for: a run under an epoch, in the hands of the worker that claimed it. */
export interface RunGrant {
  readonly runId: string;
  readonly epoch: number;
  readonly workerId: string;
}

/** `corch_run_<runId>.<epoch>.<workerId>.<mac>`: works without a row, and an old epoch is still recognised as such. */
export function runToken(secret: string, grant: RunGrant): string {
  return `corch_run_${words(grant)}.${mac(secret, grant)}`;
}

/** What a run token that was made with `secret` speaks for, else null. */
export function parseRunToken(secret: string, token: string): RunGrant | null {
  const form = /^corch_run_(run_[0-9a-z]+)\.([1-9]\d{0,9})\.(worker_[0-9a-z]+)\.([\w-]{43})$/;
  const [, runId, digits, workerId, given] = form.exec(token) ?? [];
  if (given === undefined || !RunId.safeParse(runId).success || !WorkerId.safeParse(workerId).success) return null;
  const grant = { runId: String(runId), epoch: Number(digits), workerId: String(workerId) };
  return timingSafeEqual(Buffer.from(given), Buffer.from(mac(secret, grant))) ? grant : null;
}

function words({ runId, epoch, workerId }: RunGrant): string {
  return `${runId}.${epoch}.${workerId}`;
}

function mac(secret: string, grant: RunGrant): string {
  return createHmac('sha256', secret).update(words(grant)).digest('base64url');
}
