// From a request to what a handler takes: every part parsed by the schemas of the route's row.
import type { Readable } from 'node:stream';
import type { ErrorCode, FieldError, Route } from '@corch/contract';
import type { z } from 'zod';
import { AppError } from './app-error.js';
import { fieldErrors } from './field-errors.js';

type Part<R, K extends string, Parsed> = R extends Record<K, z.ZodType> ? Parsed : unknown;
type Output<R, K extends keyof Route> = R extends { readonly [P in K]: infer S extends z.ZodType }
  ? z.output<S>
  : never;

/** The parsed parts of a request to a route: only those that its row has. A `bytes` body is the raw stream. */
export type InputOf<R extends Route> = Part<R, 'params', { params: Output<R, 'params'> }> &
  Part<R, 'query', { query: Output<R, 'query'> }> &
  (R extends { readonly body: 'bytes' } ? { body: Readable } : Part<R, 'body', { body: Output<R, 'body'> }>);

/** What the parser needs of an HTTP request. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Parses a request by the row of its route.
 * @throws AppError `*_not_found` for an id that cannot exist, `unknown_parameter`, `malformed_body` or `validation_failed`.
 */
export function parseInput(route: Route, raw: RawInput): Record<string, unknown> {
  return {
    ...(route.params === undefined ? {} : { params: parseParams(route, route.params, raw.params) }),
    ...parseQuery(route, raw.query),
    ...(route.body === undefined ? {} : { body: parseBody(route.body, raw.body) }),
  };
}

/** The thing that a path parameter names: an id that does not parse names nothing. */
const missing: Record<string, ErrorCode[]> = {
  taskId: ['task_not_found'],
  runId: ['run_not_found'],
  workerId: ['worker_not_found'],
  keyId: ['key_not_found'],
  enrolmentId: ['enrolment_not_found'],
  name: ['pool_not_found', 'blob_not_found'],
  approvalId: ['approval_not_found'],
  ruleId: ['rule_not_found'],
  repository: ['repository_not_found'],
  secret: ['secret_not_found'],
  bulkId: ['bulk_not_found'],
  viewId: ['view_not_found'],
};

function parseParams(route: Route, schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, params);
  const name = String(parsed.error.issues[0]?.path[0]);
  const code = missing[name]?.find((candidate) => route.errors.includes(candidate));
  if (code !== undefined) throw new AppError(code, `${name} in the path ${errors[0]?.message ?? 'is not valid'}.`);
  throw new AppError('validation_failed', sentence('path', errors), { errors });
}

function parseQuery(route: Route, query: unknown): { query?: unknown } {
  if (route.query === undefined) {
    const [name] = Object.keys(Object(query) as object);
    // Probes of load balancers may add what they like; the API says what it does not understand.
    if (name === undefined || !route.path.startsWith('/api/')) return {};
    throw new AppError('unknown_parameter', `This route takes no query parameters, and \`${name}\` was given.`, {
      errors: [{ pointer: `/${name}`, code: 'unrecognized_keys', message: 'is unknown here' }],
    });
  }
  const parsed = route.query.safeParse({ ...Object(query) } as unknown);
  if (parsed.success) return { query: parsed.data };
  const errors = fieldErrors(parsed.error, query);
  throw new AppError('unknown_parameter', sentence('query', errors), { errors });
}

function parseBody(schema: z.ZodType | 'bytes', body: unknown): unknown {
  if (body === undefined) throw new AppError('malformed_body', 'The body is empty.');
  if (schema === 'bytes') return body;
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, body);
  throw new AppError('validation_failed', sentence('body', errors), { errors });
}

function sentence(part: string, errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return `The ${part} is not valid.`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const field = first.pointer === '' ? `The ${part}` : `\`${first.pointer.slice(1)}\``;
  return `${field} ${first.message}${more}.`;
}
