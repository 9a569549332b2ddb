import { errorRow, errorCodes, type ErrorCode } from '@corch/contract';
import { ApiError, UnreachableError } from '@corch/contract/client';

/** An error in words for a person. */
export interface ErrorText {
  title: string;
  detail: string;
  /** What to do next. */
  hint: string;
  requestId: string | null;
}

export function describeError(error: unknown): ErrorText {
  if (error instanceof ApiError) {
    return {
      title: isKnown(error.code) ? errorRow(error.code).title : `The orchestrator answered ${error.status}`,
      detail: error.message,
      hint: error.hint,
      requestId: error.requestId,
    };
  }
  if (error instanceof UnreachableError && error.kind !== 'answer') {
    return {
      title: 'The orchestrator does not answer',
      detail: error.message,
      hint: 'Check that it runs (`corch up`) and that the network is there, then try again.',
      requestId: null,
    };
  }
  return {
    title: 'This page made a mistake',
    detail: error instanceof Error ? error.message.slice(0, 300) : String(error),
    hint: 'Reload the page. If it stays, dashboard and orchestrator may be of different versions.',
    requestId: null,
  };
}

function isKnown(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}

/** Who is asking is not known (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** It was there, and retention removed it; the message says when. */
export function isRemoved(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 'removed';
}
