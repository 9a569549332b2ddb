import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from './logger.js';
import { pathOf } from './request-path.js';

/** One line per request when it is over; `debug` for probes, which come all day. No query: it may hold what no log should. */
export function installAccessLog(fastify: FastifyInstance, logger: Logger): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { row, routeName } = request.routeOptions.config;
    logger[row?.tag === 'health' ? 'debug' : 'info']('request', {
      requestId: request.id,
      method: request.method,
      path: pathOf(request.url),
      ...(routeName === undefined ? {} : { route: routeName }),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ip: request.ip,
      ...callerFields(request),
    });
    done();
  });
}

/** Accepts the X-Request-Id of a caller when it is harmless to log and to send back. */
export function acceptedRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : undefined;
}

function callerFields({ caller }: FastifyRequest): Record<string, unknown> {
  switch (caller?.kind) {
    case undefined:
      return {};
    case 'worker':
      return { workerId: caller.workerId };
    case 'run':
      return { runId: caller.runId, epoch: caller.epoch };
    case 'user':
    case 'enrolment':
      return { callerId: caller.id };
  }
}
