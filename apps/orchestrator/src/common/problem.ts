// Every failure, whoever reports it, becomes one row of the error table on the wire (RFC 9457).
import { HttpException } from '@nestjs/common';
import { errorRow, type ErrorCode, type Problem } from '@corch/contract';
import { storeFault } from '../database/store-faults.js';
import { AppError } from './app-error.js';

export const problemType = 'application/problem+json; charset=utf-8';

/** A person has to make room; until then asking every second would only fill the log. */
const fullRetrySeconds = 5;

/** What the framework answers with, by HTTP status. */
const codeOfStatus: Partial<Record<number, ErrorCode>> = {
  400: 'malformed_body',
  404: 'route_not_found',
  413: 'payload_too_large',
  414: 'route_not_found',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

/** Turns anything that was thrown into an expected failure; what nobody expected becomes `internal` and shows nothing of itself. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HttpException) {
    if (error.cause instanceof AppError) return error.cause;
    const code = codeOfStatus[error.getStatus()];
    if (code !== undefined) return new AppError(code, describe(code, error));
  }
  const status = statusOf(error);
  const code = status === undefined ? undefined : codeOfStatus[status];
  if (code !== undefined) return new AppError(code, describe(code, error));
  const fault = storeFault(error);
  if (fault === 'away') return new AppError('unavailable', 'The database does not answer.', { retryAfterSeconds: 1 });
  if (fault === 'full')
    return new AppError('storage_full', 'The database has no room left; nothing of this was stored.', {
      retryAfterSeconds: fullRetrySeconds,
    });
  return new AppError('internal', 'Something went wrong that should not have. Nothing is known to be lost.');
}

/** The problem document of a failure. */
export function toProblem(error: AppError, requestId: string, path: string): Problem {
  const row = errorRow(error.code);
  return {
    type: `urn:corch:problem:${error.code}`,
    title: row.title,
    status: row.status,
    detail: error.detail,
    instance: path,
    code: error.code,
    requestId,
    retryable: row.retryable,
    hint: error.extra.hint ?? row.hint,
    ...(error.extra.errors === undefined ? {} : { errors: [...error.extra.errors] }),
    ...(error.extra.currentStatus === undefined ? {} : { currentStatus: error.extra.currentStatus }),
  };
}

function describe(code: ErrorCode, error: unknown): string {
  switch (code) {
    case 'route_not_found':
      return 'Nothing is served at this method and path.';
    case 'payload_too_large':
      return 'The body is larger than this route accepts.';
    case 'unsupported_media_type':
      return 'The Content-Type of the request is missing or not accepted here.';
    case 'unavailable':
      return 'The orchestrator is stopping.';
    default:
      return error instanceof Error ? `${error.message}.`.replace(/\.\.$/, '.') : 'The request cannot be read.';
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' && error.statusCode < 500 ? error.statusCode : undefined;
}
