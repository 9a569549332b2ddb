// What the orchestrator sends of runs: one trace from the request that asked for a run to its end, whoever reports what in between.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ClaimedRun } from '@corch/contract';
import { closeTelemetry, openTelemetry } from '@corch/telemetry';
import { Receiver, type ReceivedSpan } from '@corch/telemetry/testing';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeReport, openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { silentLogger } from '../testing/silent-logger.js';
import { waitFor } from '../testing/wait-for.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const incoming = `00-${traceId}-b7ad6b7169203331-01`;
const environment = { ...process.env };

describeOnEachEngine('the trace of a run', (kind) => {
  let domain: Domain;
  let receiver: Receiver;
  let worker: string;
  let key: string;
  beforeEach(async () => {
    receiver = await Receiver.start();
    domain = await openDomain(kind);
    worker = await domain.worker();
    key = await domain.key('admin');
  });
  afterEach(async () => {
    await closeTelemetry();
    process.env = { ...environment };
    await domain.close();
    await receiver.close();
  });

  const on = async () => {
    Object.assign(process.env, receiver.variables);
    const settings = { traces: { protocol: 'http/json' as const }, errors: null };
    const redact = (text: string) => text;
    await openTelemetry({ settings, service: 'corch-orchestrator', version: '0', redact, logger: silentLogger });
  };
  const post = (path: string, payload: object, headers: Record<string, string> = {}) =>
    domain.app.inject({ method: 'POST', url: `/api/v1${path}`, payload, headers: { ...bearer(key), ...headers } });
  const submit = (headers: Record<string, string> = {}, more: object = {}) =>
    post('/tasks', { prompt: 'A very secret prompt', ...more }, headers);
  const claim = async (): Promise<ClaimedRun> => {
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  const finish = ({ runId, epoch, runToken, traceparent = '' }: ClaimedRun, report: Parameters<typeof makeReport>[1]) =>
    domain.app.inject({
      method: 'POST',
      url: `/api/v1/runs/${runId}/finish`,
      payload: makeReport(epoch, report),
      headers: { ...bearer(runToken), traceparent },
    });
  const spansOf = async (...names: string[]): Promise<ReceivedSpan[]> => {
    const found = () => names.map((name) => receiver.spans.findLast((span) => span.name === name));
    await waitFor(`the spans ${names.join(', ')}`, () => found().every((span) => span !== undefined));
    return found().flatMap((span) => span ?? []);
  };

  it('begins in that of whoever submits, and holds claim, wait and end hours later', async () => {
    await on();
    expect((await submit({ traceparent: incoming })).statusCode).toBe(202);
    domain.pass(3 * 3_600_000);
    const run = await claim();
    expect(run.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    domain.pass(60_000);
    expect((await finish(run, { costUsd: 0.5 })).statusCode).toBe(200);

    const names = ['POST /api/v1/tasks', 'enqueue', 'queued', 'claim', 'POST /api/v1/runs/:runId/finish', 'run'];
    const spans = await spansOf(...names);
    expect(spans.map((span) => span.traceId)).toEqual(names.map(() => traceId));
    const [request, enqueue, queued, claimed, reported, whole] = spans;
    expect(request).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'http.response.status_code': 202, 'http.route': '/api/v1/tasks' },
    });
    expect(enqueue).toMatchObject({ parentSpanId: request?.spanId, attributes: { 'corch.run_id': run.runId } });
    expect(run.traceparent).toContain(enqueue?.spanId);
    for (const span of [queued, claimed, reported, whole]) expect(span?.parentSpanId).toBe(enqueue?.spanId);
    expect((queued?.endMs ?? 0) - (queued?.startMs ?? 0)).toBe(3 * 3_600_000);
    expect(claimed?.attributes).toMatchObject({ 'corch.worker_id': worker, 'corch.epoch': 1 });
    expect(whole).toMatchObject({
      isError: false,
      attributes: { 'corch.status': 'succeeded', 'corch.outcome': 'succeeded', 'corch.cost_usd': 0.5 },
    });
    expect((whole?.endMs ?? 0) - (whole?.startMs ?? 0)).toBe(3 * 3_600_000 + 60_000);
    expect(receiver.text).not.toContain('secret prompt');
  });

  it('of a run that follows by itself is another one, which names the one before', async () => {
    await on();
    await submit({ traceparent: incoming }, { retries: 1, backoff: { type: 'fixed', delayMs: 0 } });
    const first = await claim();
    await finish(first, { exit: { outcome: 'checks_failed' } });
    const second = await claim();
    expect(second.runId).not.toBe(first.runId);
    expect(second.traceparent).toMatch(/^00-/);
    expect(second.traceparent).not.toContain(traceId);
    await waitFor('its place', () =>
      receiver.spans.some(({ name, traceId: id }) => name === 'enqueue' && id !== traceId),
    );
    const enqueue = receiver.spans.find(({ name, traceId: id }) => name === 'enqueue' && id !== traceId);
    expect(enqueue).toMatchObject({ links: [traceId], parentSpanId: undefined });
    const [whole] = await spansOf('run');
    expect(whole).toMatchObject({
      isError: true,
      attributes: { 'error.type': 'checks_failed', 'corch.status': 'failed' },
    });
  });

  it('tells of a run whose worker was lost, and of the one that takes its place', async () => {
    await on();
    await submit({ traceparent: incoming });
    const { runId, epoch } = await claim();
    await domain.leases.heartbeat(worker, { held: [{ runId, epoch }] });
    // With passes in between, as for a process that is awake.
    for (let n = 0; n < 7; n++) {
      domain.pass(20_000);
      await domain.reaper.reap();
    }
    const [whole] = await spansOf('run');
    expect(whole).toMatchObject({ traceId, isError: true, attributes: { 'error.type': 'worker_lost' } });
    await waitFor('its successor', () => receiver.spans.some(({ links }) => links.includes(traceId)));
  });

  it('is nobody else’s: requests of workers and reads make no spans, nor does a stranger', async () => {
    await on();
    await domain.app.inject({ url: '/api/v1/tasks', headers: bearer(key) });
    const stranger = { method: 'POST' as const, url: '/api/v1/tasks', payload: { prompt: 'x' } };
    const refused = await domain.app.inject({ ...stranger, headers: { traceparent: incoming } });
    expect(refused.statusCode).toBe(401);
    await submit({ traceparent: 'nothing' });
    const [request] = await spansOf('POST /api/v1/tasks');
    expect(request?.parentSpanId).toBeUndefined();
    await closeTelemetry();
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['POST /api/v1/tasks', 'enqueue']);
  });

  it('is not there when traces are off', async () => {
    await submit({ traceparent: incoming });
    const run = await claim();
    expect(run).not.toHaveProperty('traceparent');
    await on();
    await finish(run, {});
    await closeTelemetry();
    expect(receiver.spans.map(({ name }) => name)).not.toContain('run');
  });

  it('is on the lines of the log that belong to it', async () => {
    await on();
    await submit({ traceparent: incoming });
    expect(domain.log.find(({ sentence }) => sentence === 'task submitted')).toMatchObject({ traceId });
  });
});
