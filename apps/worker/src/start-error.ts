/** Why the worker cannot start. Shown as one sentence and sent to the parent as `failed`. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly code:
      | 'bad_config'
      | 'not_authenticated'
      | 'worker_outdated'
      | 'orchestrator_outdated'
      | 'cannot_connect'
      | 'dir_not_writable'
      | 'dir_in_use'
      | 'refused',
    message: string,
    /** What to do next. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
