import type { Outcome } from '@corch/contract';

/** The workspace cannot be made: what happened, why, and what to do, in one message. */
export class WorkspaceError extends Error {
  override readonly name: string = 'WorkspaceError';

  constructor(
    readonly outcome: Extract<Outcome, 'refused' | 'workspace_failed'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server of the repository says no; who is asked on whose behalf decides what a person can do about it. */
export class DeniedError extends WorkspaceError {}
