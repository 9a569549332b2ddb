// What an answer of GitHub's REST API means for a delivery. Pure.
import { DeliveryError } from './delivery-error.js';

/** The part of an answer that counts. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The parsed body; undefined when it was no JSON. */
  readonly body: unknown;
}

/** Without a word from the server it is asked again after this. */
const unknownWaitMs = 60_000;

/** The failure that an answer stands for. `what`: what was asked for, as the beginning of a sentence. */
export function failureOf(answer: ApiAnswer, what: string, repository: string, now: number): DeliveryError {
  const said = messageOf(answer.body);
  const failed = (why: string) => new DeliveryError('delivery_failed', `${what}: ${why}`);
  const wait = waitOf(answer, now);
  switch (answer.status) {
    case 301:
    case 302:
    case 307:
    case 308:
      return failed(
        `${repository} has moved (${said}). Tell its new address with \`corch repo set\`, then deliver again.`,
      );
    case 401:
      return failed(
        `the API refused the token (${said}). It is wrong, has expired or was revoked; set another with \`corch secret set\`.`,
      );
    case 403:
      if (wait !== null || answer.headers.get('x-ratelimit-remaining') === '0') return delayed(what, wait, now);
      return failed(`the token may not do that in ${repository} (${said}). Give it write access to pull requests.`);
    case 404:
      return failed(`${repository} does not exist, or the token may not see it. Check the address and the token.`);
    case 422:
      return failed(`the API did not accept it: ${said}.`);
    case 429:
      return delayed(what, wait, now);
  }
  if (answer.status >= 500) {
    const why = `${what}: the API answered with ${answer.status} (${said}). It is tried again.`;
    return new DeliveryError('delivery_delayed', why, wait === null ? null : iso(wait));
  }
  return failed(`the API answered with ${answer.status} (${said}).`);
}

function delayed(what: string, wait: number | null, now: number): DeliveryError {
  const at = iso(wait ?? now + unknownWaitMs);
  return new DeliveryError(
    'delivery_delayed',
    `${what}: the API wants fewer requests. It is tried again at ${at}.`,
    at,
  );
}

/** When the server lets itself be asked again, milliseconds; null when it does not say. */
function waitOf({ headers, status }: ApiAnswer, now: number): number | null {
  const after = headers.get('retry-after');
  if (after !== null && /^\d+$/.test(after)) return now + Number(after) * 1000;
  const date = after === null ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(date)) return date;
  const reset = headers.get('x-ratelimit-reset');
  const isLimited = (status === 403 || status === 429) && headers.get('x-ratelimit-remaining') === '0';
  return isLimited && reset !== null && /^\d+$/.test(reset) ? Number(reset) * 1000 : null;
}

/** A time beyond what a date can hold is none. */
function iso(millis: number): string {
  return new Date(Math.min(millis, 8.64e15)).toISOString();
}

/** What GitHub says: the message and what is wrong in detail, on one line. */
export function messageOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'no explanation';
  const message = 'message' in body && typeof body.message === 'string' ? body.message : 'no explanation';
  const errors = 'errors' in body && Array.isArray(body.errors) ? body.errors : [];
  const details = errors.flatMap((error: unknown) => {
    if (typeof error === 'string') return [error];
    if (typeof error !== 'object' || error === null) return [];
    return 'message' in error && typeof error.message === 'string' ? [error.message] : [];
  });
  return [message, ...details].join('; ').replaceAll(/\s+/g, ' ').slice(0, 500);
}
