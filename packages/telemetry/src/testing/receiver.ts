// Takes what programs say of themselves, on loopback: OTLP as JSON, and the envelopes of Sentry.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { logsOf, metricsOf, spansOf, type OtlpBody, type Values } from './otlp.js';

export interface ReceivedSpan {
  /** `service.name` of the program. */
  readonly service: string;
  readonly resource: Values;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Values;
  /** The traces of the links. */
  readonly links: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
}

export interface ReceivedMetric {
  readonly resource: Values;
  readonly name: string;
}

export interface ReceivedLog {
  readonly resource: Values;
  readonly name: string;
  readonly attributes: Values;
}

/** Of an event of Sentry, what tests look at. */
export interface SentryEvent {
  readonly tags?: Record<string, string>;
  readonly release?: string;
  readonly environment?: string;
  readonly exception?: { values?: { type?: string; value?: string; stacktrace?: { frames?: unknown[] } }[] };
  readonly [name: string]: unknown;
}

/** One request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export class Receiver {
  readonly requests: Received[] = [];
  /** What every request is answered with; null: nothing, ever. */
  answer: number | null = 200;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** For a program under test: traces here, at once. */
  get variables(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: this.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
  }

  /** A DSN of this receiver. */
  get dsn(): string {
    return this.url.replace('http://', 'http://publickey@') + '/42';
  }

  get spans(): ReceivedSpan[] {
    return this.bodies('/v1/traces').flatMap(spansOf);
  }

  get metrics(): ReceivedMetric[] {
    return this.bodies('/v1/metrics').flatMap(metricsOf);
  }

  get logs(): ReceivedLog[] {
    return this.bodies('/v1/logs').flatMap(logsOf);
  }

  /** Everything that came, as text. */
  get text(): string {
    return this.requests.map(({ body }) => body.toString()).join('\n');
  }

  get events(): SentryEvent[] {
    return this.requests
      .filter(({ path }) => path.startsWith('/api/42/envelope/'))
      .flatMap(({ body }) => eventsOf(body));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private bodies(path: string): OtlpBody[] {
    const isJson = ({ headers }: Received) => headers['content-type']?.startsWith('application/json') === true;
    return this.requests
      .filter((request) => request.path === path && isJson(request))
      .map(({ body }) => JSON.parse(body.toString()) as OtlpBody);
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    this.requests.push({ path: (request.url ?? '').split('?')[0] ?? '', headers: request.headers, body });
    if (this.answer !== null) response.writeHead(this.answer, { 'content-type': 'application/json' }).end('{}');
  }
}

/** An envelope is lines of JSON: its own header, then for each item a header and its payload. */
function eventsOf(body: Buffer): SentryEvent[] {
  const lines = body.toString().split('\n');
  return lines.flatMap((line, index) => {
    const isItem = index % 2 === 1 && (JSON.parse(line) as { type?: string }).type === 'event';
    return isItem ? [JSON.parse(lines[index + 1] ?? '{}') as SentryEvent] : [];
  });
}
