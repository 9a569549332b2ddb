import type { ErrorCode, FieldError } from '@corch/contract';

export interface AppErrorExtra {
  /** What to do next, where it is more exact than the hint of the error table. */
  readonly hint?: string;
  /** The fields that are wrong, with `validation_failed` and `unknown_parameter`. */
  readonly errors?: readonly FieldError[];
  /** With 409: the status the thing has now. */
  readonly currentStatus?: string;
  /** Sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure. Status, title and hint come from the error table of the contract; `detail` says what happened this time. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly extra: AppErrorExtra = {},
  ) {
    super(`${code}: ${detail}`);
  }
}
