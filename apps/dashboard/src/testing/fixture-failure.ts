import type { ErrorCode, FieldError } from '@corch/contract';

/** An error that the contract knows. */
export class Failure extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly errors: FieldError[] = [],
    message = '',
  ) {
    super(message);
  }
}
