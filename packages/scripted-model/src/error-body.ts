import type { StepError } from './scenario.js';

// Types as the Messages API documents them, by status.
const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

const messages: Record<number, string> = {
  400: 'The request is invalid.',
  401: 'invalid x-api-key',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'Not found.',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed your rate limit.',
  500: 'Internal server error',
  529: 'Overloaded',
};

/** The body of an error answer, shaped like the Messages API's. */
export function errorBody(error: Pick<StepError, 'status' | 'type' | 'message'>, requestId: string): object {
  const type = error.type ?? types[error.status] ?? 'api_error';
  const message = error.message ?? messages[error.status] ?? `Error ${error.status}`;
  return { type: 'error', error: { type, message }, request_id: requestId };
}
