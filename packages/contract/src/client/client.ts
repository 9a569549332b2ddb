import type { z } from 'zod';
import { follow, type FeedMessage, type FeedOptions } from './feed.js';
import { Http, type Call, type Connection } from './http.js';
import { once, withRetry, type RetryPolicy } from './retry.js';
import { routes, type Route, type RouteName, type Routes } from '../routes.js';

export { connectionFault, type ConnectionFault, type FaultKind } from './connection-fault.js';
export {
  ApiError,
  UnreachableError,
  routePath,
  serialiseQuery,
  type Connection,
  type FetchAnswer,
  type FetchOptions,
  type Transport,
} from './http.js';
export { brief, isRetryable, once, patient, pause, pauseMs, withRetry, type RetryPolicy } from './retry.js';
export type { FeedMessage, FeedOptions, FeedState } from './feed.js';

type Part<R, K extends 'params' | 'query' | 'body'> =
  R extends Record<K, infer S>
    ? S extends z.ZodType
      ? z.input<S>
      : S extends 'bytes'
        ? Uint8Array
        : never
    : undefined;

/** What a route takes. Parts that it has are required, except a query, whose fields all have defaults or are optional. */
export type RouteInput<R> = (R extends { params: z.ZodType } ? { params: Part<R, 'params'> } : unknown) &
  (R extends { query: z.ZodType } ? { query?: Part<R, 'query'> } : unknown) &
  (R extends { body: unknown } ? { body: Part<R, 'body'> } : unknown) &
  (R extends { idempotent: true } ? Pick<Call, 'idempotencyKey' | 'onReplayed'> : unknown) &
  Pick<Call, 'signal' | 'timeoutMs'> & { retry?: RetryPolicy };

/** What a route answers with. */
export type RouteOutput<R> = R extends { response: infer S }
  ? S extends z.ZodType
    ? z.output<S>
    : S extends 'bytes'
      ? Uint8Array
      : undefined
  : never;

type StreamName = 'listEvents' | 'watchChanges' | 'watchControl';

/** One method per row of `routes.ts`, named like it, and `follow` for the rows that stream. */
export type Client = {
  [N in Exclude<RouteName, 'watchChanges' | 'watchControl'>]: (
    ...input: Record<never, never> extends RouteInput<Routes[N]>
      ? [input?: RouteInput<Routes[N]>]
      : [input: RouteInput<Routes[N]>]
  ) => Promise<RouteOutput<Routes[N]>>;
} & {
  /** Follows a stream route until `event: end` or until the signal is aborted; see {@link follow}. */
  follow(name: StreamName, options: FeedOptions): AsyncGenerator<FeedMessage>;
};

/** A typed client of the API. Each call is one attempt unless it is given a retry policy. */
export function createClient(connection: Connection): Client {
  const http = new Http(connection);
  const call =
    (route: Route) =>
    async (input: Call & { retry?: RetryPolicy } = {}) => {
      const answer = await withRetry(input.retry ?? once, () => http.send(route, input), input.signal);
      if (answer.replayed) input.onReplayed?.();
      return answer.data;
    };
  const methods = Object.fromEntries(Object.entries(routes).map(([name, route]) => [name, call(route)]));
  const stream = { follow: (name: StreamName, options: FeedOptions) => follow(connection, routes[name], options) };
  return { ...methods, ...stream } as Client;
}
