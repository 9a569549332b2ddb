// Traces by OpenTelemetry. Loaded only when they are on.
import { hostname } from 'node:os';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent } from '@opentelemetry/core';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceSettings } from './settings.js';
import type { Attributes, Span, SpanFacts, SpanKind, Tracer } from './tracing.js';
import { watchReceiver, type OnReceiver } from './watch-receiver.js';

/** No fact is longer. */
const maxValueChars = 256;

const kinds: Record<SpanKind, api.SpanKind> = {
  internal: api.SpanKind.INTERNAL,
  server: api.SpanKind.SERVER,
  producer: api.SpanKind.PRODUCER,
  consumer: api.SpanKind.CONSUMER,
};

export interface TracesOptions {
  readonly settings: TraceSettings;
  readonly service: string;
  readonly version: string;
  readonly onReceiver: OnReceiver;
}

/**
 * Makes spans, and sends them in the background. Its queue holds 2,048 of them (`OTEL_BSP_MAX_QUEUE_SIZE`); what does not fit while
 * the receiver is away is dropped.
 */
export class OtelTracer implements Tracer {
  private readonly provider: BasicTracerProvider;
  private readonly tracer: api.Tracer;

  constructor({ service, version, onReceiver }: Omit<TracesOptions, 'settings'>, exporter: SpanExporter) {
    const own = { 'service.name': service, 'service.version': version, 'host.name': hostname() };
    this.provider = new BasicTracerProvider({
      // What the environment says of this process counts more than what it says of itself.
      resource: defaultResource()
        .merge(resourceFromAttributes(own))
        .merge(detectResources({ detectors: [envDetector] })),
      spanLimits: { attributeValueLengthLimit: maxValueChars },
      spanProcessors: [new BatchSpanProcessor(watchReceiver(exporter, onReceiver))],
    });
    this.tracer = this.provider.getTracer('corch', version);
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  static async open(options: TracesOptions): Promise<OtelTracer> {
    const { OTLPTraceExporter } =
      options.settings.protocol === 'http/json'
        ? await import('@opentelemetry/exporter-trace-otlp-http')
        : await import('@opentelemetry/exporter-trace-otlp-proto');
    return new OtelTracer(options, new OTLPTraceExporter());
  }

  start(name: string, { kind = 'internal', attributes = {}, parent, link, startedAt }: SpanFacts): Span {
    const linked = link == null ? null : parseTraceParent(link);
    const span = this.tracer.startSpan(
      name,
      {
        kind: kinds[kind],
        attributes: present(attributes),
        ...(linked === null ? {} : { links: [{ context: { ...linked, isRemote: true } }] }),
        ...(startedAt === undefined ? {} : { startTime: startedAt }),
      },
      parent === undefined ? api.context.active() : contextOf(parent),
    );
    return new OtelSpan(span);
  }

  current(): { traceId: string; traceparent: string } | undefined {
    const found = api.trace.getSpanContext(api.context.active());
    return found && { traceId: found.traceId, traceparent: traceparentOf(found) };
  }

  detached<T>(work: () => T): T {
    return api.context.with(api.ROOT_CONTEXT, work);
  }

  /** Sends what is left. Whoever cannot wait for it leaves it behind. */
  async close(): Promise<void> {
    await this.provider.shutdown();
  }
}

class OtelSpan implements Span {
  readonly traceparent: string;

  constructor(private readonly span: api.Span) {
    this.traceparent = traceparentOf(span.spanContext());
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(present(attributes));
  }

  fail(type: string): void {
    this.span.setStatus({ code: api.SpanStatusCode.ERROR });
    this.span.setAttribute('error.type', type);
  }

  end(at?: number): void {
    this.span.end(at);
  }

  run<T>(work: () => T): T {
    return api.context.with(api.trace.setSpan(api.context.active(), this.span), work);
  }
}

/** Of what is no traceparent, nothing is continued. */
function contextOf(traceparent: string | null): api.Context {
  const parent = traceparent === null ? null : parseTraceParent(traceparent);
  if (parent === null) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, isRemote: true });
}

function traceparentOf({ traceId, spanId, traceFlags }: api.SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & api.TraceFlags.SAMPLED).toString().padStart(2, '0')}`;
}

function present(attributes: Attributes): api.Attributes {
  const known = (entry: [string, Attributes[string]]): entry is [string, string | number | boolean] => entry[1] != null;
  return Object.fromEntries(Object.entries(attributes).filter(known));
}
