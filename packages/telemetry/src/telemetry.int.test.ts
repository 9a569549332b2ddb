// The real libraries against a receiver on loopback.
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reportError } from './errors.js';
import { closeTelemetry, openTelemetry } from './open.js';
import type { TelemetrySettings } from './settings.js';
import { Receiver } from './testing/index.js';
import { currentTraceId, currentTraceparent, detached, inSpan, startSpan } from './tracing.js';

let receiver: Receiver;
let lines: string[];
const environment = { ...process.env };

beforeEach(async () => {
  receiver = await Receiver.start();
  lines = [];
});
afterEach(async () => {
  await closeTelemetry(0);
  await receiver.close();
  process.env = { ...environment };
});

// Where Sentry keeps what its versions share. Jest wraps what it finds there at the end in a way that it cannot be written any more.
afterAll(() => void Reflect.deleteProperty(globalThis, '__SENTRY__'));

const note = (sentence: string) => void lines.push(sentence);
const logger = { info: note, warn: note };
const redact = (text: string) => text.replaceAll('hunter2', '••••');

async function open(settings: Partial<TelemetrySettings>, variables: Record<string, string> = {}) {
  Object.assign(process.env, receiver.variables, variables);
  const all = { traces: null, errors: null, ...settings };
  await openTelemetry({ settings: all, service: 'corch-test', version: '1.2.3', redact, logger });
}

const json = { traces: { protocol: 'http/json' } } as const;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const sampled = `00-${traceId}-b7ad6b7169203331-01`;

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 1000; n++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${what}`);
}

describe('traces', () => {
  it('are not there when they are off', async () => {
    const seen = await inSpan('work', { parent: sampled }, (span) =>
      Promise.resolve([span.traceparent, currentTraceparent(), currentTraceId(), detached(() => 'done')]),
    );
    expect(seen).toEqual([null, undefined, undefined, 'done']);
    expect(receiver.requests).toEqual([]);
  });

  it('hold spans below each other, with what is known of them and of the program', async () => {
    await open(json, { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod' });
    const attributes = { 'corch.run_id': 'run_1', 'corch.attempt': 2, 'corch.demo': false, 'corch.model': null };
    await inSpan('outer', { parent: sampled, kind: 'server', attributes }, async (outer) => {
      await inSpan('inner', {}, (inner) => {
        expect(currentTraceparent()).toBe(inner.traceparent);
        inner.set({ 'corch.cost_usd': 0.25 });
        return Promise.resolve();
      });
      expect(currentTraceparent()).toBe(outer.traceparent);
      expect(currentTraceId()).toBe(traceId);
    });
    expect(await closeTelemetry()).toBe(true);

    const [inner, outer] = receiver.spans;
    expect(outer).toMatchObject({
      name: 'outer',
      traceId,
      parentSpanId: 'b7ad6b7169203331',
      service: 'corch-test',
      isError: false,
      attributes: { 'corch.run_id': 'run_1', 'corch.attempt': 2, 'corch.demo': false },
    });
    expect(outer?.attributes).not.toHaveProperty('corch.model');
    expect(outer?.resource).toMatchObject({ 'service.version': '1.2.3', 'deployment.environment.name': 'prod' });
    expect(inner).toMatchObject({ name: 'inner', traceId, parentSpanId: outer?.spanId });
    expect(inner?.attributes['corch.cost_usd']).toBe(0.25);
  });

  it('begin anew with a link, and what is detached belongs to nobody', async () => {
    await open(json);
    const startMs = Date.now() - 3_600_000;
    const endMs = startMs + 2_500;
    startSpan('outer', { parent: null }).run(() => {
      startSpan('next', { parent: null, link: sampled, startedAt: startMs }).end(endMs);
      detached(() => startSpan('alone').end());
      startSpan('below').end();
    });
    startSpan('odd', { parent: 'no traceparent' }).end();
    await closeTelemetry();
    const byName = new Map(receiver.spans.map((span) => [span.name, span]));
    expect(byName.get('next')).toMatchObject({ parentSpanId: undefined, links: [traceId], startMs, endMs });
    expect(byName.get('alone')?.parentSpanId).toBeUndefined();
    expect(byName.get('below')?.parentSpanId).toBeDefined();
    expect(byName.get('odd')?.parentSpanId).toBeUndefined();
    expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(4);
  });

  it('say of what failed no more than a short word', async () => {
    await open(json);
    const failing = inSpan('work', {}, () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ENOENT' })));
    await expect(failing).rejects.toThrow('hunter2');
    await closeTelemetry();
    expect(receiver.spans).toMatchObject([{ isError: true, attributes: { 'error.type': 'ENOENT' } }]);
    expect(receiver.text).not.toContain('hunter2');
  });

  it('cut what is too long for a fact', async () => {
    await open(json);
    startSpan('work', { attributes: { long: 'x'.repeat(10_000) } }).end();
    await closeTelemetry();
    expect(String(receiver.spans[0]?.attributes['long'])).toHaveLength(256);
  });

  it('are not sent of a trace that nobody samples', async () => {
    await open(json);
    startSpan('work', { parent: `00-${traceId}-b7ad6b7169203331-00` }).end();
    await closeTelemetry();
    expect(receiver.requests).toEqual([]);
  });

  it('are sent as protobuf, with the headers of the environment', async () => {
    await open({ traces: { protocol: 'http/protobuf' } }, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc' });
    startSpan('as bytes').end();
    await closeTelemetry();
    const [request] = receiver.requests;
    expect(request).toMatchObject({ path: '/v1/traces' });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', authorization: 'Bearer abc' });
    expect(request?.body.includes('as bytes')).toBe(true);
  });

  it('are dropped while the receiver refuses them, which is said once, as its return is', async () => {
    await open(json);
    receiver.answer = 400;
    startSpan('lost').end();
    await until('the first refusal', () => lines.length > 0);
    startSpan('lost too').end();
    await until('the second refusal', () => receiver.requests.length > 1);
    receiver.answer = 200;
    startSpan('taken').end();
    await until('its return', () => lines.length > 1);
    expect(lines).toEqual([
      'the receiver of traces does not take them; they are dropped',
      'the receiver of traces takes them again',
    ]);
  });

  it('hold no end up when the receiver does not answer', async () => {
    await open(json, { OTEL_EXPORTER_OTLP_TIMEOUT: '1000' });
    receiver.answer = null;
    startSpan('lost').end();
    expect(await closeTelemetry(100)).toBe(false);
    await until('the library to give up', () => lines.length > 0);
  });
});

describe('reports of errors', () => {
  const settings = () => ({ errors: { dsn: receiver.dsn, environment: 'test', network: {} } });

  it('are not there when they are off', async () => {
    await open({});
    reportError('request failed', { error: new Error('x') });
    expect(await closeTelemetry()).toBe(true);
    expect(receiver.requests).toEqual([]);
  });

  it('hold the error with its causes and the ids, and nothing else of the log line', async () => {
    await open(settings());
    const error = new Error('the token hunter2 is no good', { cause: new TypeError('inner') });
    reportError('request failed', { error, requestId: 'req_1', runId: 'run_1', prompt: 'words', path: '/api/x' });
    await closeTelemetry();
    const [event] = receiver.events;
    expect(event).toMatchObject({
      release: 'corch@1.2.3',
      environment: 'test',
      tags: { service: 'corch-test', sentence: 'request failed', requestId: 'req_1', runId: 'run_1' },
    });
    const values = event?.exception?.values ?? [];
    expect(values.map(({ type, value }) => [type, value])).toEqual([
      ['TypeError', 'inner'],
      ['Error', 'the token •••• is no good'],
    ]);
    expect(values[1]?.stacktrace?.frames?.length).toBeGreaterThan(0);
    for (const word of ['hunter2', 'words', '/api/x']) expect(receiver.text).not.toContain(word);
    for (const part of ['request', 'user', 'breadcrumbs', 'extra', 'modules']) expect(event).not.toHaveProperty(part);
  });

  it('are sent once of the same error, and of a line without one not at all', async () => {
    await open(settings());
    for (let n = 0; n < 3; n++) reportError('request failed', { error: new Error('again') });
    reportError('request failed', { error: new Error('another') });
    reportError('claims have stopped', { pool: 'default' });
    reportError('a loop failed', { error: 'a text' });
    await closeTelemetry();
    expect(receiver.events.map(({ exception }) => exception?.values?.[0]?.value)).toEqual(['again', 'another']);
  });

  it('quote no long message', async () => {
    await open(settings());
    reportError('request failed', { error: new Error('x'.repeat(5_000)) });
    await closeTelemetry();
    expect(receiver.events[0]?.exception?.values?.[0]?.value).toHaveLength(500);
  });

  it('hold no end up when nobody takes them', async () => {
    await open(settings());
    receiver.answer = null;
    reportError('request failed', { error: new Error('lost') });
    expect(await closeTelemetry(100)).toBe(false);
  });

  it('are left out when their proxy cannot be used, and the program goes on', async () => {
    const network = { HTTPS_PROXY: 'ftp://proxy' };
    await open({ errors: { dsn: 'https://key@sentry.example.org/1', environment: 'test', network } });
    expect(lines).toEqual(['errors cannot be reported']);
    reportError('request failed', { error: new Error('nobody hears it') });
  });
});
