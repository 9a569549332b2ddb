import { EventSourceParserStream } from 'eventsource-parser/stream';
import {
  ApiError,
  destinationOf,
  foreignAnswer,
  isOfType,
  problemFrom,
  requestHeaders,
  routePath,
  serialiseQuery,
  UnreachableError,
  type Call,
  type Connection,
  type Query,
  type Transport,
} from './http.js';
import { connectionFault } from './connection-fault.js';
import { isRetryable, live, pause, pauseMs } from './retry.js';
import type { Route } from '../routes.js';

/** One message of a server-sent event stream. */
export interface FeedMessage {
  /** The `event:` field, `message` when absent. */
  readonly type: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

export type FeedState = 'connecting' | 'live' | 'reconnecting';

export interface FeedOptions extends Pick<Call, 'params'> {
  /** A function is asked for each connection, for streams that go on by their query. */
  readonly query?: Query | (() => Query);
  readonly signal: AbortSignal;
  /** Go on after this id. */
  readonly lastEventId?: string;
  /** Give up a connection that says nothing (not even a ping) for this long; the orchestrator pings every 15 s. */
  readonly silenceMs?: number;
  /** Told about the connection, for a freshness mark. */
  readonly onState?: (state: FeedState) => void;
  /** Do not connect again after a drop (the caller repairs itself in another way). */
  readonly reconnect?: boolean;
}

/**
 * Follows a stream route, connecting again after drops and going on after the last id. Ends after `event: end`, when `signal` is
 * aborted, or with an ApiError that trying again cannot mend.
 */
export async function* follow(connection: Connection, route: Route, options: FeedOptions): AsyncGenerator<FeedMessage> {
  let lastEventId = options.lastEventId;
  for (let failures = 0; !options.signal.aborted;) {
    options.onState?.(failures === 0 ? 'connecting' : 'reconnecting');
    try {
      for await (const message of connect(connection, route, {
        ...options,
        ...(lastEventId === undefined ? {} : { lastEventId }),
      })) {
        failures = 0;
        if (message.type === 'open') {
          options.onState?.('live');
          continue;
        }
        lastEventId = message.id ?? lastEventId;
        yield message;
        if (message.type === 'end') return;
      }
      failures++;
    } catch (error) {
      if (options.signal.aborted) return;
      if (options.reconnect === false || !isRetryable(error)) throw error;
      failures++;
    }
    if (options.reconnect === false || options.signal.aborted) return;
    await pause(pauseMs(live, failures, undefined, Math.random()), options.signal).catch(() => undefined);
  }
}

async function* connect(connection: Connection, route: Route, options: FeedOptions): AsyncGenerator<FeedMessage> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => silence.abort(new UnreachableError('the stream fell silent')),
      options.silenceMs ?? 45_000,
    );
  };
  heard();
  try {
    const query = serialiseQuery((typeof options.query === 'function' ? options.query() : options.query) ?? {});
    const open: Transport['fetch'] | typeof fetch = connection.transport?.fetch ?? fetch;
    const response = await open(`${connection.baseUrl}${routePath(route, options.params)}${query && `?${query}`}`, {
      signal,
      headers: {
        accept: 'text/event-stream',
        ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
        ...requestHeaders(connection),
      },
    });
    if (!response.ok || response.body === null) {
      throw problemFrom(
        connection,
        response.status,
        await response.json().catch(() => undefined),
        response.headers.get('retry-after'),
      );
    }
    if (!isOfType(response.headers.get('content-type'), 'text/event-stream')) throw foreignAnswer(response.status);
    yield { type: 'open', id: undefined, data: undefined };
    const bytes = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          heard();
          controller.enqueue(chunk);
        },
      }),
    );
    const messages = bytes
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    for await (const message of iterate(messages)) {
      yield { type: message.event ?? 'message', id: message.id, data: JSON.parse(message.data) as unknown };
    }
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    if (options.signal.aborted || error instanceof ApiError || error instanceof UnreachableError) throw error;
    const fault = connectionFault(error, destinationOf(connection));
    const brokeOff = `the stream from ${connection.baseUrl || 'the orchestrator'} broke off`;
    throw new UnreachableError(fault.kind === 'other' ? brokeOff : fault, { cause: error });
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Browsers other than Chromium cannot `for await` over a stream. */
async function* iterate<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
