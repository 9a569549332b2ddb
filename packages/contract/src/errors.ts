import { z } from 'zod';

interface ErrorRow {
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** What to do next, when the thrower says nothing more exact. */
  readonly hint: string;
}

/** Every error the API answers with: its HTTP status, title and next step, in one table (RFC 9457 problem+json on the wire). */
export const errorTable = {
  malformed_body: {
    status: 400,
    title: 'The body cannot be read',
    retryable: false,
    hint: 'Send UTF-8 JSON with Content-Type: application/json.',
  },
  unknown_parameter: {
    status: 400,
    title: 'A query parameter is unknown or wrong',
    retryable: false,
    hint: 'See the parameters of this route in /api/docs.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    retryable: false,
    hint: 'Send `Authorization: Bearer corch_…`, or open the dashboard with the link of `corch open`.',
  },
  link_used: {
    status: 401,
    title: 'The link does not work any more',
    retryable: false,
    hint: 'A link works once and for 10 minutes. Make another with `corch open`.',
  },
  forbidden: {
    status: 403,
    title: 'This key may not do that',
    retryable: false,
    hint: 'Use a key with the scope that the detail names.',
  },
  host_refused: {
    status: 403,
    title: 'This host name is not served',
    retryable: false,
    hint: 'Open the address that the orchestrator printed, or set PUBLIC_URL.',
  },
  origin_refused: {
    status: 403,
    title: 'Requests from this origin are not accepted',
    retryable: false,
    hint: 'Use the dashboard that this orchestrator serves, or an API key.',
  },
  route_not_found: {
    status: 404,
    title: 'No such route',
    retryable: false,
    hint: 'All routes are listed in /api/docs.',
  },
  task_not_found: {
    status: 404,
    title: 'No such task',
    retryable: false,
    hint: 'List the tasks with `corch ls`; it may have been deleted.',
  },
  run_not_found: { status: 404, title: 'No such run', retryable: false, hint: 'List the runs of the task.' },
  blob_not_found: {
    status: 404,
    title: 'This run has no such file',
    retryable: false,
    hint: 'A patch exists once a run on a repository has ended.',
  },
  removed: {
    status: 410,
    title: 'Removed by retention',
    retryable: false,
    hint: 'Status, result and cost of the run are kept. How long the rest is: `corch settings show`.',
  },
  worker_not_found: {
    status: 404,
    title: 'No such worker',
    retryable: false,
    hint: 'List the workers with `corch worker ls`.',
  },
  enrolment_not_found: {
    status: 404,
    title: 'No such enrolment',
    retryable: false,
    hint: 'It was used, has expired or was revoked. List the open ones with `corch enrolment ls`.',
  },
  key_not_found: { status: 404, title: 'No such key', retryable: false, hint: 'List the keys with `corch key ls`.' },
  pool_not_found: {
    status: 404,
    title: 'No such pool',
    retryable: false,
    hint: 'A pool exists as soon as a worker serves it. List them with `corch pool ls`.',
  },
  repository_not_found: {
    status: 404,
    title: 'No such repository',
    retryable: false,
    hint: 'List the repositories with `corch repo ls`.',
  },
  secret_not_found: {
    status: 404,
    title: 'No such secret',
    retryable: false,
    hint: 'List the secrets of a repository with `corch secret ls NAME`, or set one with `corch secret set`.',
  },
  repository_exists: {
    status: 409,
    title: 'This repository is registered already',
    retryable: false,
    hint: 'Change it with `corch repo set`.',
  },
  secret_key_unfit: {
    status: 409,
    title: 'The key of the secrets is missing or another one',
    retryable: false,
    hint: 'Give every orchestrator the same SECRET_KEY; see docs/repositories.md.',
  },
  approval_not_found: {
    status: 404,
    title: 'No such approval',
    retryable: false,
    hint: 'List what waits for a decision with `corch inbox`.',
  },
  rule_not_found: {
    status: 404,
    title: 'No such rule',
    retryable: false,
    hint: 'List the rules of the repository.',
  },
  bulk_not_found: {
    status: 404,
    title: 'No such action on many tasks',
    retryable: false,
    hint: 'They are kept for 30 days; list them with `corch task bulk`.',
  },
  count_changed: {
    status: 409,
    title: 'Other tasks fit by now',
    retryable: false,
    hint: 'Look at the list again, and start it with the new count.',
  },
  view_not_found: {
    status: 404,
    title: 'No such view',
    retryable: false,
    hint: 'It was deleted, or belongs to somebody who does not share it. List yours with `corch view ls`.',
  },
  view_exists: {
    status: 409,
    title: 'A view of yours has this name',
    retryable: false,
    hint: 'Choose another name, or change that view.',
  },
  too_many_views: {
    status: 409,
    title: 'Too many views',
    retryable: false,
    hint: 'Delete one that you do not need.',
  },
  approval_decided: {
    status: 409,
    title: 'This was decided already',
    retryable: false,
    hint: 'The first decision counts. To stop what it allowed, cancel the task.',
  },
  task_not_cancellable: {
    status: 409,
    title: 'The task is already finished',
    retryable: false,
    hint: 'Use retry to run it again.',
  },
  nothing_to_deliver: {
    status: 409,
    title: 'No change to deliver',
    retryable: false,
    hint: 'Only a run with a repository that changed something and succeeded can be delivered; see `corch show`.',
  },
  task_not_finished: {
    status: 409,
    title: 'The task is not finished',
    retryable: false,
    hint: 'Cancel it first, or wait for its end.',
  },
  task_not_running: {
    status: 409,
    title: 'The task is not running',
    retryable: false,
    hint: 'Only a running task is held by a worker. See `corch task why`.',
  },
  no_conversation: {
    status: 409,
    title: 'There is nobody to talk to',
    retryable: false,
    hint: 'Only tasks that Claude works on can be talked to.',
  },
  nothing_kept: {
    status: 409,
    title: 'Nothing is kept to go on from',
    retryable: false,
    hint: 'Retry the task from the beginning with `corch retry`.',
  },
  worker_answers: {
    status: 409,
    title: 'The worker of this task still answers',
    retryable: false,
    hint: 'Cancel the task, or take it away with `--force`: up to one turn is repeated elsewhere.',
  },
  stale_lease: {
    status: 409,
    title: 'This lease is not the current one',
    retryable: false,
    hint: 'End the child of this run; another worker or a final status took over.',
  },
  run_finished: {
    status: 409,
    title: 'The run is already finished',
    retryable: false,
    hint: 'The first final report counts; drop this one.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'The first request with this Idempotency-Key is still being answered',
    retryable: true,
    hint: 'Repeat the request in a second.',
  },
  payload_too_large: {
    status: 413,
    title: 'Too large',
    retryable: false,
    hint: 'Send less, or put the text into a file of the repository and name it in the prompt.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'This content type is not understood',
    retryable: false,
    hint: 'Send application/json.',
  },
  validation_failed: {
    status: 422,
    title: 'Something in the request is not valid',
    retryable: false,
    hint: 'Mend the fields that `errors` names.',
  },
  pool_unknown: {
    status: 422,
    title: 'No such pool',
    retryable: false,
    hint: 'Name a pool that exists, or start a worker that serves this one.',
  },
  repository_unknown: {
    status: 422,
    title: 'No such repository',
    retryable: false,
    hint: 'List the registered repositories with `corch repo ls`, or name an address.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used for another request',
    retryable: false,
    hint: 'Use a new key for a new request.',
  },
  worker_outdated: {
    status: 426,
    title: 'This worker is too old for the orchestrator',
    retryable: false,
    hint: 'Bring the worker to the version of the orchestrator.',
  },
  orchestrator_outdated: {
    status: 426,
    title: 'This worker is too new for the orchestrator',
    retryable: false,
    hint: 'Bring the orchestrator to the version of the worker.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    hint: 'Wait for the seconds that Retry-After names.',
  },
  internal: {
    status: 500,
    title: 'The orchestrator made a mistake of its own',
    retryable: true,
    hint: 'Try again; if it stays, report it with the request id.',
  },
  unavailable: {
    status: 503,
    title: 'Not available right now',
    retryable: true,
    hint: 'The orchestrator starts, stops or cannot reach its database. Try again shortly.',
  },
  storage_full: {
    status: 507,
    title: 'The orchestrator has no room left',
    retryable: true,
    hint: 'Free space on the disk of the database; what waits goes on by itself then.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];
export const ErrorCode = z.enum(errorCodes);

/** The row of one error code, with the widened type that readers want. */
export function errorRow(code: ErrorCode): ErrorRow {
  return errorTable[code];
}

/** One field that is wrong: a JSON pointer to it, a machine code and a sentence. */
export const FieldError = z.object({ pointer: z.string(), code: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/** An RFC 9457 problem. `code` is open on the wire: a reader treats one it does not know like its HTTP status. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string(),
  requestId: z.string(),
  retryable: z.boolean(),
  hint: z.string(),
  errors: z.array(FieldError).optional(),
  /** With 409: the status the thing has now. */
  currentStatus: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
