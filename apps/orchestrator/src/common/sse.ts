// Server-sent events over a hijacked reply.
import type { Server } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Bytes that may wait for a slow reader before whoever sends waits, too. */
export const maxBufferedBytes = 4_000_000;
/** Often enough for proxies that close what is silent for 30 s. */
const defaultPingMs = 15_000;

export interface SseMessage {
  readonly id?: string | number;
  /** `message` when absent. */
  readonly event?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

export interface SseStream {
  /** False when the reader is too slow (more than {@link maxBufferedBytes} wait) or gone: wait for `drained`. */
  send(message: SseMessage): boolean;
  comment(text?: string): boolean;
  /** Resolves when everything was handed to the network, or the stream is closed. */
  drained(): Promise<void>;
  close(): void;
  /** Resolves when either side closed it. */
  readonly closed: Promise<void>;
}

const open = new WeakMap<Server, Set<SseStream>>();

/** Ends every stream of a server, so that it can stop. */
export function closeStreams(server: Server): void {
  for (const stream of open.get(server) ?? []) stream.close();
}

/**
 * Answers with an event stream. Nothing else may be sent on `reply` afterwards. Pings every 15 s until closed, and looks at each
 * ping whether the caller may still read: a revoked key or a session that ended ends its streams.
 */
export function openSse(
  reply: FastifyReply,
  request: FastifyRequest,
  { pingMs = defaultPingMs }: { pingMs?: number } = {},
): SseStream {
  reply.hijack();
  const { raw } = reply;
  raw.statusCode = 200;
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  };
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
  const write = (text: string) => {
    if (raw.destroyed || raw.writableEnded) return false;
    raw.write(text);
    return raw.writableLength <= maxBufferedBytes;
  };
  // An answer to HEAD has no body: nothing would ever end it.
  if (request.method === 'HEAD') raw.end();
  write('retry: 2000\n\n');

  const ping = setInterval(() => {
    write(': ping\n\n');
    void request.isStillAllowed?.().then((isAllowed) => {
      if (!isAllowed) stream.close();
    });
  }, pingMs);
  const { promise: closed, resolve } = withResolvers();
  let draining: Promise<void> | undefined;
  const stream: SseStream = {
    send: (message) => write(format(message)),
    comment: (text = '') => write(`: ${text.replaceAll(/[\r\n]+/g, ' ')}\n\n`),
    drained: () => {
      if (raw.destroyed || !raw.writableNeedDrain) return Promise.resolve();
      // One listener, however many wait.
      const drain = () => new Promise<void>((done) => raw.once('drain', done));
      return (draining ??= Promise.race([drain(), closed]).finally(() => (draining = undefined)));
    },
    close: () => {
      raw.end();
      // A reader that reads nothing would otherwise hold the socket, and with it the stop of the server.
      if (raw.writableLength > 0) setTimeout(() => raw.destroy(), 1000).unref();
    },
    closed,
  };

  const streams = open.get(request.server.server) ?? new Set();
  open.set(request.server.server, streams.add(stream));
  raw.once('error', () => raw.destroy());
  raw.once('close', () => {
    clearInterval(ping);
    streams.delete(stream);
    resolve();
  });
  return stream;
}

/** One message in the wire format. JSON has no raw line breaks, so one data line does. */
export function format({ id, event, data }: SseMessage): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** `Promise.withResolvers` is not in Node 20. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
