import { z } from 'zod';
import type { Reason } from './reasons.js';
import type { FinalStatus } from './status.js';

/**
 * Who pays for a failed run. `infra`: nobody's fault, retried within a bound of its own. `lost`: its worker went away, with a
 * bound of its own. `attempt`: counts against the task's `retries`. `never`: the same run would fail again. `park`: it has not
 * failed; the same run goes on later.
 */
export type Retry = 'infra' | 'lost' | 'attempt' | 'never' | 'park';

/** Why no run may use a login: its plan limit is reached, the API refuses it, or its account does not pay. */
export const loginHoldKinds = ['usage_limit', 'auth', 'billing'] as const;
export type LoginHoldKind = (typeof loginHoldKinds)[number];

interface OutcomeRow {
  /** `waiting` when the run is parked. */
  readonly status: FinalStatus | 'waiting';
  readonly reason: Reason | null;
  readonly retry: Retry;
  /** The login of the worker is to blame; until it is good again no other run starts with it. */
  readonly holdsLogin?: LoginHoldKind;
  /** What a person reads; the exit's own message is put behind it. */
  readonly sentence: string;
}

/**
 * How a run can end, as the worker sees it. The worker decides the outcome from the child's last result line, exit code and signal
 * (seen on Claude Code 2.1.330); the orchestrator takes status, reason and retry from here and from nowhere else.
 */
export const outcomeTable = {
  succeeded: { status: 'succeeded', reason: null, retry: 'never', sentence: 'Done.' },
  cancelled: { status: 'cancelled', reason: 'user', retry: 'never', sentence: 'Cancelled.' },

  api_unavailable: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'infra',
    sentence: 'The Claude API stayed overloaded, limited or out of reach.',
  },
  api_refused: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'never',
    sentence: 'The Claude API refused the request.',
  },
  model_unknown: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'never',
    sentence: 'The Claude API does not know this model, or the login may not use it.',
  },
  prompt_too_long: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'never',
    sentence: 'The conversation is too long for the model.',
  },
  credentials_refused: {
    status: 'failed',
    reason: 'auth',
    retry: 'infra',
    holdsLogin: 'auth',
    sentence: 'The Claude API refused the key or token.',
  },
  not_logged_in: {
    status: 'failed',
    reason: 'auth',
    retry: 'infra',
    holdsLogin: 'auth',
    sentence: 'Claude Code is not signed in.',
  },
  billing: {
    status: 'failed',
    reason: 'auth',
    retry: 'infra',
    holdsLogin: 'billing',
    sentence: 'The account behind the login has a billing problem.',
  },
  usage_limit: {
    status: 'waiting',
    reason: 'usage_limit',
    retry: 'park',
    holdsLogin: 'usage_limit',
    sentence: 'The plan limit of the Claude login is reached.',
  },
  interrupted: {
    status: 'waiting',
    reason: 'input',
    retry: 'park',
    sentence: 'Interrupted by a person.',
  },
  max_turns: {
    status: 'failed',
    reason: 'max_turns',
    retry: 'attempt',
    sentence: 'Claude used all the turns it was allowed.',
  },
  budget: {
    status: 'failed',
    reason: 'budget_exceeded',
    retry: 'never',
    sentence: 'The budget of this run is spent.',
  },
  answer_missing: {
    status: 'failed',
    reason: 'answer_missing',
    retry: 'attempt',
    sentence: 'Claude finished without the structured answer that was asked for.',
  },
  permission_denied: {
    status: 'failed',
    reason: 'permission_denied',
    retry: 'never',
    sentence: 'A tool that the policy does not allow was asked for, and the task said that this fails it.',
  },
  agent_failed: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'attempt',
    sentence: 'Claude Code ended with an error.',
  },
  agent_killed: {
    status: 'failed',
    reason: 'agent_error',
    retry: 'infra',
    sentence: 'Claude Code was ended from outside before it finished.',
  },
  command_failed: {
    status: 'failed',
    reason: 'command_failed',
    retry: 'attempt',
    sentence: 'The command ended with an error.',
  },
  command_killed: {
    status: 'failed',
    reason: 'command_failed',
    retry: 'infra',
    sentence: 'The command was ended from outside before it finished.',
  },
  setup_failed: {
    status: 'failed',
    reason: 'setup_failed',
    retry: 'attempt',
    sentence: 'A setup command ended with an error, so Claude was not started.',
  },
  checks_failed: {
    status: 'failed',
    reason: 'checks_failed',
    retry: 'attempt',
    sentence: 'The change does not pass its checks.',
  },
  delivery_failed: {
    status: 'failed',
    reason: 'delivery_failed',
    retry: 'never',
    sentence: 'The change could not be delivered; it is kept.',
  },
  delivery_delayed: {
    status: 'failed',
    reason: 'delivery_failed',
    retry: 'infra',
    sentence: 'The change could not be delivered now; it is kept.',
  },
  spawn_failed: {
    status: 'failed',
    reason: 'spawn_failed',
    retry: 'never',
    sentence: 'The program could not be started.',
  },
  workspace_failed: {
    status: 'failed',
    reason: 'workspace_failed',
    retry: 'attempt',
    sentence: 'The workspace could not be prepared.',
  },
  refused: { status: 'failed', reason: 'refused', retry: 'never', sentence: 'The worker does not allow this.' },
  process_limit: {
    status: 'failed',
    reason: 'process_limit',
    retry: 'never',
    sentence: 'The run had more processes at once than its worker allows.',
  },
  worker_lost: {
    status: 'failed',
    reason: 'worker_lost',
    retry: 'lost',
    sentence: 'The worker was away for too long.',
  },
  worker_died: {
    status: 'failed',
    reason: 'worker_lost',
    retry: 'lost',
    sentence: 'The worker ended while it worked on this run alone.',
  },
  worker_killed: {
    status: 'failed',
    reason: 'worker_lost',
    retry: 'never',
    sentence: 'The worker ended twice while it worked on this run, so the run is not tried again.',
  },
  worker_error: {
    status: 'failed',
    reason: 'internal',
    retry: 'infra',
    sentence: 'The worker made a mistake of its own.',
  },
  run_time: {
    status: 'timed_out',
    reason: 'run_time',
    retry: 'attempt',
    sentence: 'The run took longer than its timeout.',
  },
  no_output: {
    status: 'timed_out',
    reason: 'no_output',
    retry: 'attempt',
    sentence: 'Nothing was said for longer than the idle timeout.',
  },
} as const satisfies Record<string, OutcomeRow>;

export type Outcome = keyof typeof outcomeTable;
export const outcomes = Object.keys(outcomeTable) as [Outcome, ...Outcome[]];
export const Outcome = z.enum(outcomes);

/** The row of one outcome, with the widened type that readers want. */
export function outcomeRow(outcome: Outcome): OutcomeRow {
  return outcomeTable[outcome];
}
