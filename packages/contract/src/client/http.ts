import axios, { AxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { errorRow, Problem, type ErrorCode, type FieldError } from '../errors.js';
import type { Route } from '../routes.js';
import { connectionFault, proxyFault, type ConnectionFault, type FaultKind } from './connection-fault.js';

/** How requests travel where the platform's own way does not do: through a proxy, or by a private certificate authority. */
export interface Transport {
  readonly fetch: (input: string, init: FetchOptions) => Promise<FetchAnswer>;
  /** The proxy in between, without credentials, for messages. */
  readonly proxy: string | null;
}

/** Of `fetch`, what the client uses. */
export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | null;
  readonly signal?: AbortSignal | null;
  readonly redirect?: 'manual';
}
export interface FetchAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  json(): Promise<unknown>;
}

/** Where an orchestrator is and how to sign in there. */
export interface Connection {
  /** For example `http://127.0.0.1:4870`; empty in a browser that was served by the orchestrator. */
  readonly baseUrl: string;
  /** API key or token; absent in a browser, where the session cookie does it. A function is asked for each request. */
  readonly token?: string | (() => string);
  /** Sent as User-Agent where the platform allows. */
  readonly userAgent?: string;
  /** Instead of the platform's own network. */
  readonly transport?: Transport;
  /** The trace that a request belongs to, as a W3C `traceparent`; asked for each attempt. */
  readonly traceparent?: (route: Route) => string | undefined;
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
  /** What kind of thing stands in the way. */
  readonly kind: FaultKind;
  /** What to do about it; undefined when only waiting helps. */
  readonly hint: string | undefined;

  constructor(fault: string | ConnectionFault, options?: ErrorOptions) {
    super(typeof fault === 'string' ? fault : fault.message, options);
    this.kind = typeof fault === 'string' ? 'other' : fault.kind;
    this.hint = typeof fault === 'string' ? undefined : fault.hint;
  }
}

/** Where a connection goes, for {@link connectionFault}. */
export function destinationOf({ baseUrl, transport }: Connection) {
  return { baseUrl, proxy: transport?.proxy ?? null };
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
export function problemFrom(
  connection: Connection,
  status: number,
  body: unknown,
  retryAfter: string | null,
): ApiError | UnreachableError {
  const problem = Problem.safeParse(body);
  if (!problem.success) {
    if (status === 413) return new ApiError(tooLarge);
    if (status === 407) return new UnreachableError(proxyFault(status, destinationOf(connection)));
    return foreignAnswer(status);
  }
  const seconds = Number(retryAfter ?? NaN);
  return new ApiError(problem.data, Number.isFinite(seconds) ? seconds : undefined);
}

/** What a proxy says in words of its own about a body that it does not pass on: sent again, it is no smaller. */
const tooLarge: Problem = {
  ...errorRow('payload_too_large'),
  type: 'urn:corch:problem:payload_too_large',
  detail: 'A proxy before the orchestrator takes no body of this size (HTTP 413).',
  code: 'payload_too_large',
  requestId: '',
  hint: 'Let it pass 100 MB on (nginx: `client_max_body_size 100m`).',
};

/** Something in between answered, as a network that wants a sign-in first: the request may not have arrived. */
export function foreignAnswer(status: number): UnreachableError {
  return new UnreachableError(`the answer (HTTP ${status}) is not from an orchestrator`);
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
      // Proxies are a matter of the transport, for REST and streams alike; Axios alone would ask the environment for them.
      proxy: false,
      ...viaTransport(connection.transport),
      maxBodyLength: Infinity,
      maxContentLength: Infinity,
    });
  }

  /** Sends one request and parses the answer by the route's schema. */
  async send(route: Route, call: Call): Promise<Answer> {
    const answer = await this.attempt(route, call);
    if (answer.status < 200 || answer.status > 299) {
      throw problemFrom(this.connection, answer.status, problemBody(answer), headerText(answer, 'retry-after'));
    }
    const replayed = headerText(answer, 'idempotent-replayed') === 'true';
    return { data: dataOf(route, answer), replayed };
  }

  private async attempt(route: Route, call: Call): Promise<AxiosResponse<unknown>> {
    const traceparent = this.connection.traceparent?.(route);
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
          ...(traceparent === undefined ? {} : { traceparent }),
          ...requestHeaders(this.connection),
        },
      });
    } catch (error) {
      if (axios.isCancel(error)) throw call.signal?.reason ?? error;
      if (error instanceof AxiosError) {
        throw new UnreachableError(connectionFault(error, destinationOf(this.connection)), { cause: error });
      }
      throw error;
    }
  }
}

/**
 * Lets Axios use the `fetch` of a transport. Without a Request class it calls that by plain arguments, as its documentation says and
 * its types do not: the platform's class is of another make than the transport's.
 */
function viaTransport(transport: Transport | undefined): object | undefined {
  return transport && { adapter: 'fetch', env: { fetch: transport.fetch, Request: null, Response: null } };
}

/** What the answer says, if it is what the route answers with; only then the orchestrator has surely been reached. */
function dataOf({ response, status }: Route, answer: AxiosResponse<unknown>): unknown {
  const isPage = isOfType(headerText(answer, 'content-type'), 'text/html');
  if (response === 'bytes' && !isPage) return new Uint8Array(answer.data as ArrayBuffer);
  if (response === 'empty' && answer.status === status) return undefined;
  if (!(response instanceof z.ZodType) || isPage) throw foreignAnswer(answer.status);
  const { data, error: cause } = response.safeParse(answer.data);
  if (cause === undefined) return data;
  const message = `the answer (HTTP ${answer.status}) does not fit this version`;
  throw new UnreachableError({ kind: 'answer', message, hint: undefined }, { cause });
}

/** Whether a Content-Type header says `type`, whatever its parameters. */
export function isOfType(header: string | null, type: string): boolean {
  return header?.split(';')[0]?.trim().toLowerCase() === type;
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
