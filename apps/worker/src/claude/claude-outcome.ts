// How a Claude run ended: last result line, exit, and what the worker itself did → one outcome. Pure; one table test holds
// it against every recorded transcript.
import type { Outcome } from '@corch/contract';
import type { ResultLine } from './claude-lines.js';

/** What is known when the child is gone. */
export interface ClaudeEnd {
  /** Null when the child was ended by a signal, or when its end was not seen (the worker was away). */
  readonly code: number | null;
  readonly signal: string | null;
  readonly result: ResultLine | null;
  /** The error word of the last assistant line that had one since the last good answer. */
  readonly apiError: string | null;
  /** Set when the plan limit was rejected. Milliseconds. */
  readonly usageLimit: { readonly resetsAt: number | null; readonly limitType: string | null } | null;
  readonly stderr: string;
  readonly wantsAnswer: boolean;
  readonly failOnDenied: boolean;
  /** Denials that count, from the result and from what the worker refused itself. */
  readonly denials: number;
  /** True when the worker ended a child that had given its result but did not go. */
  readonly endedAfterResult: boolean;
  readonly cancelled: boolean;
  /** A person stopped the last turn. */
  readonly interrupted?: boolean;
  readonly timedOut: 'run_time' | 'no_output' | 'process_limit' | null;
}

export interface Ending {
  readonly outcome: Outcome;
  /** What is known about this case, beyond the outcome's own sentence. */
  readonly message: string | null;
}

/** Exit codes 128 + n stand for signal n: 129 SIGHUP, 137 SIGKILL, 143 SIGTERM. */
const firstSignalCode = 129;
const lastSignalCode = 159;

/** Decides. What finished in spite of a cancel or timeout that came too late has succeeded. */
export function claudeOutcome(end: ClaudeEnd): Ending {
  const own = ownOutcome(end);
  if (own.outcome === 'succeeded') return own;
  if (end.cancelled) return { outcome: 'cancelled', message: null };
  if (end.timedOut !== null) return { outcome: end.timedOut, message: null };
  return own;
}

function ownOutcome(end: ClaudeEnd): Ending {
  const { result } = end;
  if (result === null) return withoutResult(end);
  if (result.is_error || result.subtype !== 'success') return failedResult(end, result);
  if (result.terminal_reason !== 'completed') {
    const why = result.terminal_reason ?? 'none given';
    return { outcome: 'agent_failed', message: `Claude Code stopped without finishing (reason: ${why}).` };
  }
  const clean = end.signal === null && (end.code === 0 || end.code === null);
  if (!clean && !end.endedAfterResult) {
    return wasKilled(end) ? killed(end) : { outcome: 'agent_failed', message: exitSentence(end) };
  }
  if (end.failOnDenied && end.denials > 0) {
    return { outcome: 'permission_denied', message: `${end.denials} tool call(s) were denied.` };
  }
  if (end.wantsAnswer && result.structured_output === undefined) return { outcome: 'answer_missing', message: null };
  return { outcome: 'succeeded', message: null };
}

/** A crash, a signal, or a start that failed: then standard error says why. */
function withoutResult(end: ClaudeEnd): Ending {
  if (wasKilled(end)) return killed(end);
  return { outcome: 'agent_failed', message: exitSentence(end) };
}

function wasKilled(end: ClaudeEnd): boolean {
  const { code, signal } = end;
  return signal !== null || code === null || (code >= firstSignalCode && code <= lastSignalCode);
}

function killed(end: ClaudeEnd): Ending {
  const how = end.signal ?? (end.code === null ? 'while the worker was away' : `exit code ${end.code}`);
  return { outcome: 'agent_killed', message: `Ended from outside (${how}).` };
}

function exitSentence(end: ClaudeEnd): string {
  const said = end.stderr.trim();
  const exit = `Claude Code ended with exit code ${end.code ?? 'unknown'}`;
  if (said !== '') return `${exit}: ${said}`;
  return end.result === null ? `${exit} and gave no result.` : `${exit} although its result was good.`;
}

function failedResult(end: ClaudeEnd, result: ResultLine): Ending {
  const message = result.result ?? (result.errors?.length ? result.errors.join('; ') : null);
  if (result.startup_failure_reason != null) return { outcome: 'agent_failed', message };
  switch (result.subtype) {
    case 'error_max_turns':
      return { outcome: 'max_turns', message };
    case 'error_max_budget_usd':
      return { outcome: 'budget', message };
    case 'error_max_structured_output_retries':
      return { outcome: 'answer_missing', message };
  }
  const why = result.terminal_reason ?? '';
  if (why === 'prompt_too_long') return { outcome: 'prompt_too_long', message };
  if (why === 'api_error') {
    return { outcome: apiOutcome(end, result.api_error_status ?? null), message: withReset(end, message) };
  }
  // Interrupted, but not by this worker: then the flags above had decided.
  if (why.startsWith('aborted_')) {
    if (end.interrupted === true) return { outcome: 'interrupted', message: null };
    return { outcome: 'agent_killed', message: 'The turn was interrupted from outside.' };
  }
  return { outcome: 'agent_failed', message };
}

const exactErrors = new Map<string, Outcome>([
  ['oauth_org_not_allowed', 'credentials_refused'],
  ['billing_error', 'billing'],
  ['model_not_found', 'model_unknown'],
  ['max_output_tokens', 'agent_failed'],
]);

/** The error word decides where it is exact; otherwise the HTTP status does. Null is a connection that failed. */
function apiOutcome(end: ClaudeEnd, status: number | null): Outcome {
  if (end.usageLimit !== null) return 'usage_limit';
  // A plain 403 has this word too, but the API knows the login and only refuses what is asked for.
  if (end.apiError === 'authentication_failed' && status !== 403) {
    // Without a credential no request is made, so there is no status.
    return status === null ? 'not_logged_in' : 'credentials_refused';
  }
  const exact = end.apiError === null ? undefined : exactErrors.get(end.apiError);
  if (exact !== undefined) return exact;
  if (status === null || status === 408 || status === 429 || status >= 500) return 'api_unavailable';
  if (status === 401) return 'credentials_refused';
  if (status === 404) return 'model_unknown';
  return 'api_refused';
}

function withReset(end: ClaudeEnd, message: string | null): string | null {
  if (end.usageLimit?.resetsAt == null) return message;
  const at = new Date(end.usageLimit.resetsAt).toISOString();
  return [message, `The limit resets at ${at}.`].filter((part) => part !== null).join(' ');
}
