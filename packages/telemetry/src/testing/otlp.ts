// OTLP as JSON, as far as tests read it.
import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from './receiver.js';

export type Values = Readonly<Record<string, string | number | boolean | undefined>>;

interface KeyValue {
  readonly key: string;
  readonly value?: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
}
interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: KeyValue[];
  readonly links?: { traceId: string }[];
  readonly status?: { code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface OtlpLog {
  readonly body?: { stringValue?: string };
  readonly attributes?: KeyValue[];
}
interface OfResource {
  readonly resource?: { attributes?: KeyValue[] };
}
export interface OtlpBody {
  readonly resourceSpans?: (OfResource & { scopeSpans?: { spans?: OtlpSpan[] }[] })[];
  readonly resourceMetrics?: (OfResource & { scopeMetrics?: { metrics?: { name: string }[] }[] })[];
  readonly resourceLogs?: (OfResource & { scopeLogs?: { logRecords?: OtlpLog[] }[] })[];
}

/** `STATUS_CODE_ERROR`. */
const errorCode = 2;

export function spansOf({ resourceSpans = [] }: OtlpBody): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const facts = attributesOf(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        service: String(facts['service.name']),
        resource: facts,
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        attributes: attributesOf(span.attributes),
        links: (span.links ?? []).map(({ traceId }) => traceId),
        startMs: millisOf(span.startTimeUnixNano),
        endMs: millisOf(span.endTimeUnixNano),
        isError: span.status?.code === errorCode,
      })),
    );
  });
}

export function metricsOf({ resourceMetrics = [] }: OtlpBody): ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.map(({ name }) => ({ resource: attributesOf(resource?.attributes), name })),
    ),
  );
}

export function logsOf({ resourceLogs = [] }: OtlpBody): ReceivedLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map(({ body, attributes }) => ({
        resource: attributesOf(resource?.attributes),
        name: body?.stringValue ?? '',
        attributes: attributesOf(attributes),
      })),
    ),
  );
}

function attributesOf(pairs: readonly KeyValue[] = []): Values {
  return Object.fromEntries(
    pairs.map(({ key, value = {} }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        value.doubleValue ??
        (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  );
}

function millisOf(nanos: string): number {
  return Number(BigInt(nanos) / 1_000_000n);
}
