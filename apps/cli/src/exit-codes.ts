/** How the program ends. Scripts branch on these numbers, so they never change their meaning. */
export const exitCodes = {
  /** It worked; with `--watch` the task succeeded. */
  ok: 0,
  /** Something failed that has no code of its own. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The watched task failed, was cancelled or timed out. */
  taskFailed: 3,
  /** Not signed in, or the key may not do that. */
  auth: 4,
  /** There is no such task, run, worker, key or file. */
  notFound: 5,
  /** What was asked for is not valid, or does not fit the state things are in. */
  invalid: 6,
  /** No orchestrator answers. */
  unreachable: 7,
  /** Somebody would have to be asked, and nobody is there. */
  needsInput: 8,
  /** The watched task stopped at its budget or at the plan limit of the login. */
  limit: 9,
  /** Too many requests. */
  rateLimited: 10,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
