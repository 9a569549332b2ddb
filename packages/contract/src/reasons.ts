import { z } from 'zod';
import type { Status } from './status.js';

interface ReasonRow {
  /** The status (or statuses) that this reason explains. */
  readonly of: readonly Status[];
  /** What a person reads: what happened and why. */
  readonly sentence: string;
  /** What to do next; null when there is nothing to do but wait. */
  readonly next: string | null;
  /** Worked out when read, from the claim's own predicates; never stored. */
  readonly computed?: true;
}

/** The closed list of reasons: why a task or run has the status it has. Screens and commands never invent their own words. */
export const reasonTable = {
  start_at: { of: ['scheduled'], sentence: 'Starts at the time that was asked for.', next: null },
  retry_backoff: { of: ['scheduled'], sentence: 'The last run failed; the next one starts after a pause.', next: null },

  no_worker: {
    of: ['queued'],
    computed: true,
    sentence: 'No online worker serves this pool and meets the requirements.',
    next: 'Start a worker with `corch worker start`, or change the pool.',
  },
  no_login: {
    of: ['queued'],
    computed: true,
    sentence: 'No worker that could take this task is signed in to Claude.',
    next: 'On the worker run `claude auth login`, or set ANTHROPIC_API_KEY, and start it again.',
  },
  commands_off: {
    of: ['queued'],
    computed: true,
    sentence: 'No worker that could take this task allows commands.',
    next: 'Start a worker with `--allow-commands`.',
  },
  delivery_off: {
    of: ['queued'],
    computed: true,
    sentence: 'No worker that could take this task can deliver changes.',
    next: 'Start a worker of this version with git installed.',
  },
  workers_busy: {
    of: ['queued'],
    computed: true,
    sentence: 'All workers that could take this task are busy.',
    next: null,
  },
  concurrency: {
    of: ['queued'],
    computed: true,
    sentence: 'The limit of its concurrency key is reached.',
    next: null,
  },
  pool_limit: {
    of: ['queued'],
    computed: true,
    sentence: 'As many runs of its pool work as may at once.',
    next: null,
  },
  total_limit: {
    of: ['queued'],
    computed: true,
    sentence: 'As many runs work as may at once in all pools together.',
    next: null,
  },
  paused: {
    of: ['queued'],
    computed: true,
    sentence: 'The pool, or every worker that could take this task, is paused.',
    next: 'Resume the pool with `corch pool resume`, or a worker with `corch worker resume`.',
  },
  resuming: { of: ['queued'], sentence: 'Goes on where it stopped as soon as a worker is free.', next: null },
  handed_back: {
    of: ['queued'],
    sentence: 'Its worker handed it back; it goes on where it stopped as soon as a worker is free.',
    next: null,
  },

  starting: { of: ['running'], computed: true, sentence: 'The worker prepares the workspace.', next: null },
  worker_unreachable: {
    of: ['running'],
    computed: true,
    sentence: 'The worker has not been heard from; the run may go on there.',
    next: 'Check the worker. If it stays away the run is handed over.',
  },
  cancelling: {
    of: ['running'],
    computed: true,
    sentence: 'Cancel was asked for; the worker is ending it.',
    next: null,
  },

  approval: {
    of: ['running', 'waiting'],
    sentence: 'It needs a decision of a person before it goes on.',
    next: 'Decide it here, or list what waits with `corch inbox`.',
  },

  spawn_failed: {
    of: ['failed'],
    sentence: 'The program could not be started.',
    next: 'Run `corch doctor` on the worker and read the last lines of the log.',
  },
  workspace_failed: {
    of: ['failed'],
    sentence: 'The workspace could not be prepared.',
    next: 'Check the repository, the ref and the disk of the worker, then retry.',
  },
  agent_error: {
    of: ['failed'],
    sentence: 'Claude Code ended with an error.',
    next: 'Read the last lines of the transcript, then retry.',
  },
  command_failed: {
    of: ['failed'],
    sentence: 'The command ended with an error.',
    next: 'Read its output, then retry.',
  },
  setup_failed: {
    of: ['failed'],
    sentence: 'A setup command ended with an error, so Claude was not started.',
    next: 'Read its output, mend the command or the worker, then retry.',
  },
  checks_failed: {
    of: ['failed'],
    sentence: 'The change does not pass its checks.',
    next: 'Read the output of the failing check. The change is kept; send a message or retry, or allow more --check-rounds.',
  },
  delivery_failed: {
    of: ['failed'],
    sentence: 'The change could not be delivered; it is kept.',
    next: 'Mend what the sentence names, then deliver again with `corch pr --retry`; Claude is not run again.',
  },
  max_turns: {
    of: ['failed'],
    sentence: 'Claude used all the turns it was allowed.',
    next: 'Submit it again with a higher --max-turns.',
  },
  budget_exceeded: {
    of: ['failed'],
    sentence: 'The budget of this run is spent.',
    next: 'Submit it again with a higher --budget.',
  },
  answer_missing: {
    of: ['failed'],
    sentence: 'Claude finished without the structured answer that was asked for.',
    next: 'Retry, or say in the prompt that the answer is required.',
  },
  permission_denied: {
    of: ['failed'],
    sentence: 'A tool that the policy does not allow was asked for, and the task said that this fails it.',
    next: 'Allow the tool or drop failOnDenied.',
  },
  usage_limit: {
    of: ['waiting', 'queued'],
    sentence: 'The plan limit of the Claude login is reached.',
    next: 'It goes on by itself when the limit resets. To go on earlier, start a worker with another login.',
  },
  input: {
    of: ['waiting'],
    sentence: 'It was interrupted and waits to be told how to go on; it holds no slot.',
    next: 'Say how to go on with `corch send`.',
  },
  no_input: {
    of: ['cancelled'],
    sentence: 'It was interrupted, and nobody said in time how to go on.',
    next: 'Send a message: it goes on in the same session.',
  },
  worker_lost: {
    of: ['failed'],
    sentence: 'The worker was away for too long.',
    next: 'Check the worker; retry when the automatic runs are used up.',
  },
  auth: {
    of: ['failed'],
    sentence: 'Claude refused the credentials of the worker.',
    next: 'On the worker run `claude auth login`, or set a valid ANTHROPIC_API_KEY, then retry.',
  },
  refused: {
    of: ['failed'],
    sentence: 'The worker does not allow this.',
    next: 'Allow the path with --allow, or commands with --allow-commands, on the worker.',
  },
  process_limit: {
    of: ['failed'],
    sentence: 'The run had more processes at once than its worker allows.',
    next: 'Find out what starts so many, or raise WORKER_MAX_PROCESSES on the worker, then retry.',
  },
  internal: {
    of: ['failed'],
    sentence: 'The worker made a mistake of its own.',
    next: 'Retry; if it stays, report it with the log of the worker.',
  },

  user: { of: ['cancelled'], sentence: 'Cancelled by a person or a program.', next: null },
  unconfirmed: {
    of: ['cancelled'],
    sentence: 'Cancelled while its worker was silent; what still runs there is ended when the worker returns.',
    next: 'Check the worker.',
  },

  run_time: {
    of: ['timed_out'],
    sentence: 'The run took longer than its timeout.',
    next: 'Submit it again with a longer --timeout.',
  },
  no_output: {
    of: ['timed_out'],
    sentence: 'Nothing was said for longer than the idle timeout.',
    next: 'Look at the last step; retry, or raise the idle timeout.',
  },
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof reasonTable;
export const reasons = Object.keys(reasonTable) as [Reason, ...Reason[]];
export const Reason = z.enum(reasons);

/** The row of one reason, with the widened type that readers want. */
export function reasonRow(reason: Reason): ReasonRow {
  return reasonTable[reason];
}
