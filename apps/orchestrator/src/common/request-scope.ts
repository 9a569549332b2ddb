// The request that a piece of work belongs to, so that every log line of it carries its id without that anybody hands it on.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { currentTraceId, detached } from '@corch/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const requests = new AsyncLocalStorage<string>();
const places = new WeakMap<FastifyRequest, AsyncResource>();

/** Opens the scope of each request, before anything else looks at it. */
export function installRequestScope(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _, done) => requests.run(request.id, () => goOn(request, done)));
  // A body arrives in events of its socket, which are in nobody's scope.
  fastify.addHook('preValidation', (request, _, done) => {
    const place = places.get(request);
    if (place === undefined) done();
    else place.runInAsyncScope(done);
  });
}

/** Goes on with a request in the scope of the caller, also behind its body. */
export function goOn(request: FastifyRequest, done: () => void): void {
  places.set(request, new AsyncResource('corch-request'));
  done();
}

/** What log lines say beside their own fields. */
export function scopeFields(): { readonly requestId?: string; readonly traceId?: string } {
  const [requestId, traceId] = [requests.getStore(), currentTraceId()];
  return { ...(requestId !== undefined && { requestId }), ...(traceId !== undefined && { traceId }) };
}

/** Begins work that goes on after the request and is not of it alone. */
export function outsideRequest<T>(work: () => T): T {
  return requests.exit(() => detached(work));
}
