import axios, { AxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { Problem, type ErrorCode, type FieldError } from '../errors.js';
import type { Route } from '../routes.js';

/** Where an orchestrator is and how to sign in there. */
export interface Connection {
  /** For example `http://127.0.0.1:4870`; empty in a browser that was served by the orchestrator. */
  readonly baseUrl: string;
  /** API key or token; absent in a browser, where the session cookie does it. A function is asked for each request. */
  readonly token?: string | (() => string);
  /** Sent as User-Agent where the platform allows. */
  readonly userAgent?: string;
}

/** The orchestrator answered with a problem. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | (string & {});
  readonly status: number;
  readonly hint: string;
  readonly retryable: boolean;
  readonly requestId: string;
  readonly errors: readonly FieldError[];
  readonly currentStatus: string | undefined;
  /** Seconds from Retry-After, if the answer had one. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail || problem.title);
    this.code = problem.code;
    this.status = problem.status;
    this.hint = problem.hint;
    this.retryable = problem.retryable;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
    this.currentStatus = problem.currentStatus;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No usable answer arrived: refused, timed out, cut off, or not an orchestrator. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Values of a query string; a list is joined by commas. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Call {
  readonly params?: Record<string, string>;
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** Told when the orchestrator repeated the answer to an earlier request with the same Idempotency-Key. */
  readonly onReplayed?: () => void;
  readonly signal?: AbortSignal;
  /** Milliseconds until the attempt is given up; 30 s by default. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly data: unknown;
  /** True when the orchestrator repeated the answer to an earlier request with the same Idempotency-Key. */
  readonly replayed: boolean;
}

/** The address of a route with its parameters filled in and encoded. */
export function routePath(route: Pick<Route, 'path'>, params: Record<string, string> = {}): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`the parameter ${name} of ${route.path} is missing`);
    return encodeURIComponent(value);
  });
}

/** The headers that authenticate and name the caller. */
export function requestHeaders(connection: Connection): Record<string, string> {
  const token = typeof connection.token === 'function' ? connection.token() : connection.token;
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(connection.userAgent === undefined ? {} : { 'user-agent': connection.userAgent }),
  };
}

/** Turns an answer that is no success into the error it stands for. */
export function problemFrom(status: number, body: unknown, retryAfter: string | null): ApiError | UnreachableError {
  const problem = Problem.safeParse(body);
  if (!problem.success) return new UnreachableError(`the answer (HTTP ${status}) is not from an orchestrator`);
  const seconds = Number(retryAfter ?? NaN);
  return new ApiError(problem.data, Number.isFinite(seconds) ? seconds : undefined);
}

/** One attempt at one request; retrying is `retry.ts`. */
export class Http {
  private readonly axios: AxiosInstance;

  constructor(private readonly connection: Connection) {
    this.axios = axios.create({
      baseURL: connection.baseUrl,
      withCredentials: connection.token === undefined,
      validateStatus: () => true,
      maxRedirects: 0,
      maxBodyLength: Infinity,
      maxContentLength: Infinity,
    });
  }

  /** Sends one request and parses the answer by the route's schema. */
  async send(route: Route, call: Call): Promise<Answer> {
    const answer = await this.attempt(route, call);
    if (answer.status < 200 || answer.status > 299) {
      throw problemFrom(answer.status, problemBody(answer), headerText(answer, 'retry-after'));
    }
    const replayed = headerText(answer, 'idempotent-replayed') === 'true';
    if (route.response === 'bytes') return { data: new Uint8Array(answer.data as ArrayBuffer), replayed };
    if (route.response instanceof z.ZodType) return { data: route.response.parse(answer.data), replayed };
    return { data: undefined, replayed };
  }

  private async attempt(route: Route, call: Call): Promise<AxiosResponse<unknown>> {
    try {
      return await this.axios.request<unknown>({
        method: route.method,
        url: routePath(route, call.params),
        params: call.query,
        paramsSerializer: (query) => serialiseQuery(query as Query),
        data: call.body,
        responseType: route.response === 'bytes' ? 'arraybuffer' : 'json',
        timeout: call.timeoutMs ?? 30_000,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        headers: {
          accept: route.response === 'bytes' ? '*/*' : 'application/json',
          // Without a body Axios would still call a POST form data.
          'content-type':
            call.body === undefined ? false : route.body === 'bytes' ? 'application/octet-stream' : 'application/json',
          ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
          ...requestHeaders(this.connection),
        },
      });
    } catch (error) {
      if (axios.isCancel(error)) throw call.signal?.reason ?? error;
      if (error instanceof AxiosError) {
        throw new UnreachableError(
          `no answer from ${this.connection.baseUrl || 'the orchestrator'}: ${error.message || error.code}`,
          {
            cause: error,
          },
        );
      }
      throw error;
    }
  }
}

function headerText(answer: AxiosResponse<unknown>, name: string): string | null {
  const value: unknown = answer.headers[name];
  return typeof value === 'string' ? value : null;
}

function problemBody(answer: AxiosResponse<unknown>): unknown {
  const { data } = answer;
  if (!(data instanceof ArrayBuffer) && !(data instanceof Uint8Array)) return data;
  try {
    return JSON.parse(new TextDecoder().decode(data)) as unknown;
  } catch {
    return undefined;
  }
}

/** `{ status: ['a','b'], q: undefined }` → `status=a%2Cb`. */
export function serialiseQuery(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    search.set(key, Array.isArray(value) ? value.join(',') : String(value));
  }
  return search.toString();
}
