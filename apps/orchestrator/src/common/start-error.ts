/** Why the program did not start; known to `corch up`, which turns them into exit codes. */
export type StartErrorCode =
  | 'bad_config'
  | 'copy_differs'
  | 'copy_unfinished'
  | 'data_in_use'
  | 'data_not_writable'
  | 'database_damaged'
  | 'database_newer'
  | 'database_not_empty'
  | 'database_unreachable'
  | 'host_missing'
  | 'orchestrator_running'
  | 'port_busy'
  | 'redis_unfit'
  | 'start_failed';

/** A reason not to start that a person can mend: one sentence with what happened and why, and one with what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly code: StartErrorCode,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
