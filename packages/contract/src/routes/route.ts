import { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { RunId, TaskId } from '../values.js';

/**
 * Who may call a route. `read`, `submit`, `admin`: an API key or session with at least that scope. `enrol`: an enrolment token.
 * `worker`: a worker token. `run`: the token of one run and epoch. `public`: anybody.
 */
export type Access = 'public' | 'read' | 'submit' | 'admin' | 'enrol' | 'worker' | 'run';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` parameters. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly tag:
    | 'tasks'
    | 'runs'
    | 'workers'
    | 'pools'
    | 'repositories'
    | 'approvals'
    | 'settings'
    | 'access'
    | 'health'
    | 'admin'
    | 'worker protocol';
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /** A schema, or `bytes` for a raw body. */
  readonly body?: z.ZodType | 'bytes';
  readonly status: 200 | 201 | 202 | 204;
  /** A schema, `bytes` for a file, `sse` for an event stream, `empty` for nothing. */
  readonly response: z.ZodType | 'bytes' | 'sse' | 'empty';
  /** Errors beside those that every route can answer with (authentication, limits, internal). */
  readonly errors: readonly ErrorCode[];
  /** Takes an Idempotency-Key header. */
  readonly idempotent?: true;
  /** The largest accepted body in bytes, where it is not the common 1.5 MB. */
  readonly bodyLimit?: number;
}

/** Keeps the exact types of a row. */
export function route<const R extends Route>(row: R): R {
  return row;
}

export const api = '/api/v1';
export const taskParams = z.object({ taskId: TaskId });
export const runParams = z.object({ runId: RunId });
/** A whole list in one answer, for things of which there are few. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item) });
