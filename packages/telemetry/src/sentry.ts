// Reports of unexpected errors to Sentry, or to whatever speaks its protocol. Loaded only when there is a DSN. The base of Sentry's
// libraries is enough: it sends what it is handed, and looks at no request, no query and no variable by itself.
import { hostname } from 'node:os';
import { openFetch } from '@corch/transport';
import { createStackParser, createTransport, linkedErrorsIntegration, Scope, type ErrorEvent } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import type { ErrorReport, Reporter } from './errors.js';
import { Pace } from './pace.js';
import type { ErrorSettings } from './settings.js';

/** The same error is reported once in this time. */
const sameErrorMs = 60_000;
/** Reports that wait to be sent; what comes on top is dropped. */
const maxWaiting = 30;
const answerMs = 10_000;
/** Messages of libraries may quote what they stumbled over. */
const maxMessageChars = 500;

export interface ErrorsOptions {
  readonly settings: ErrorSettings;
  readonly service: string;
  readonly version: string;
  readonly redact: (text: string) => string;
}

export class SentryReporter implements Reporter {
  private readonly pace = new Pace(sameErrorMs);

  private constructor(
    private readonly client: ServerRuntimeClient,
    private readonly service: string,
    /** Ends what is under way. */
    private readonly over: AbortController,
  ) {}

  /** @throws TransportError for a proxy that cannot be used. */
  static async open({ settings, service, version, redact }: ErrorsOptions): Promise<SentryReporter> {
    const { dsn, environment, network } = settings;
    const fetch = await openFetch({ url: new URL(dsn).origin, environment: network, caFile: undefined });
    const over = new AbortController();
    const client = new ServerRuntimeClient({
      dsn,
      environment,
      release: `corch@${version}`,
      platform: 'node',
      runtime: { name: 'node', version: process.version },
      serverName: hostname(),
      integrations: [linkedErrorsIntegration()],
      stackParser: createStackParser(nodeStackLineParser()),
      sendClientReports: false,
      beforeSend: (event) => redacted(event, redact),
      transport: (options) =>
        createTransport({ ...options, bufferSize: maxWaiting }, async ({ body }) => {
          const signal = AbortSignal.any([over.signal, AbortSignal.timeout(answerMs)]);
          const answer = await fetch(options.url, { method: 'POST', headers: options.headers, body, signal });
          await answer.body?.cancel();
          const headers = {
            'x-sentry-rate-limits': answer.headers.get('x-sentry-rate-limits'),
            'retry-after': answer.headers.get('retry-after'),
          };
          return { statusCode: answer.status, headers };
        }),
    });
    client.init();
    return new SentryReporter(client, service, over);
  }

  report({ sentence, error, tags }: ErrorReport): void {
    if (!this.pace.lets(`${sentence} ${error.name} ${error.message}`)) return;
    const scope = new Scope();
    scope.setClient(this.client);
    scope.setTags({ service: this.service, sentence, ...tags });
    scope.captureException(error);
  }

  /** Sends what waits, for so long at most. @returns whether everything was sent */
  async close(ms: number): Promise<boolean> {
    const isSent = await this.client.close(ms);
    this.over.abort();
    return isSent;
  }
}

/** What is sent: the error with its causes and where they were thrown, and the tags. */
function redacted(event: ErrorEvent, redact: (text: string) => string): ErrorEvent {
  const { request, user, breadcrumbs, extra, modules, ...rest } = event;
  // Redacted before it is cut: half a secret would not be found.
  for (const one of rest.exception?.values ?? []) {
    if (one.value !== undefined) one.value = redact(one.value).slice(0, maxMessageChars);
  }
  return deep(rest, redact) as ErrorEvent;
}

function deep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item: unknown) => deep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, deep(item, redact)]));
}
