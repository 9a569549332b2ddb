// What the programs say of traces. As long as nothing has turned them on, all of this does nothing, and no library is loaded.

/** Facts, never words: no prompt, no answer, no name of a file. Those that are null or undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type SpanKind = 'internal' | 'server' | 'producer' | 'consumer';

export interface SpanFacts {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** A W3C `traceparent`; null begins a new trace. Absent: the span that the caller is in. */
  readonly parent?: string | null;
  /** Another trace that led to this one, as a `traceparent`. */
  readonly link?: string | null;
  /** Milliseconds since 1970, when it began earlier. */
  readonly startedAt?: number;
}

/** Something that takes time. It is sent when it has ended. */
export interface Span {
  /** Its place in its trace, for those that continue it; null when traces are off. */
  readonly traceparent: string | null;
  set(attributes: Attributes): void;
  /** It did not work; `type` is a short word from a closed list, never a message. */
  fail(type: string): void;
  /** @param at milliseconds since 1970; now when absent */
  end(at?: number): void;
  /** Does work inside it: spans that are started there are below it. */
  run<T>(work: () => T): T;
}

/** Whoever makes spans. */
export interface Tracer {
  start(name: string, facts: SpanFacts): Span;
  current(): { readonly traceId: string; readonly traceparent: string } | undefined;
  detached<T>(work: () => T): T;
}

const noSpan: Span = {
  traceparent: null,
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
  run: (work) => work(),
};

let tracer: Tracer | null = null;

/** From now on spans are made by it; null: no more. */
export function useTracer(next: Tracer | null): void {
  tracer = next;
}

export function startSpan(name: string, facts: SpanFacts = {}): Span {
  return tracer === null ? noSpan : tracer.start(name, facts);
}

/** Does work in a span of its own. One that throws has failed, with the code or the class of the error. */
export async function inSpan<T>(name: string, facts: SpanFacts, work: (span: Span) => Promise<T>): Promise<T> {
  if (tracer === null) return work(noSpan);
  const span = tracer.start(name, facts);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.fail(errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** The place that the caller is in, for whoever continues it elsewhere. */
export function currentTraceparent(): string | undefined {
  return tracer?.current()?.traceparent;
}

/** For log lines. */
export function currentTraceId(): string | undefined {
  return tracer?.current()?.traceId;
}

/** Begins work that belongs to no span, whatever the caller is in. */
export function detached<T>(work: () => T): T {
  return tracer === null ? work() : tracer.detached(work);
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
