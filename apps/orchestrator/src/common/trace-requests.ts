// Requests in traces: what changes something, and whatever says itself which trace it belongs to. What workers ask all day (for work,
// with heartbeats and events) would only hide it. A caller whom nobody let in makes no spans.
import type { Route } from '@corch/contract';
import { startSpan } from '@corch/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { goOn } from './request-scope.js';

/** Installs the hook; behind the gate. */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { row } = request.routeOptions.config;
    const parent = traceparentOf(request);
    if (row === undefined || !isTraced(row, parent)) return done();
    const span = startSpan(`${row.method} ${row.path}`, {
      kind: 'server',
      parent,
      attributes: {
        'http.request.method': row.method,
        'http.route': row.path,
        'corch.request_id': request.id,
        'corch.run_id': runIdOf(request),
      },
    });
    if (span.traceparent === null) return done();
    reply.raw.once('close', () => {
      span.set({ 'http.response.status_code': reply.raw.statusCode });
      if (reply.raw.statusCode >= 500) span.fail(String(reply.raw.statusCode));
      span.end();
    });
    span.run(() => goOn(request, done));
  });
}

function isTraced(row: Route, parent: string | null): boolean {
  if (row.response === 'sse' || row.tag === 'health') return false;
  const isOfWorker = row.access === 'worker' || row.access === 'run' || row.access === 'enrol';
  return parent !== null || (row.method !== 'GET' && !isOfWorker);
}

/** What is no traceparent is none, and its request begins a trace of its own. */
function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | null {
  return typeof traceparent === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent)
    ? traceparent
    : null;
}

function runIdOf({ params }: FastifyRequest): string | undefined {
  return (params as { runId?: string } | undefined)?.runId;
}
