import { routes, type Route } from '@corch/contract';
import type { FastifyInstance } from 'fastify';
import type { Meters } from './meters.js';

/** Their time is that of the caller: they last as long as somebody listens, or nothing is to do. */
const waits = (row: Route) => row.response === 'sse' || row === routes.claimRuns;

/** Measures every answer to a route of the table. */
export function measureRequests(fastify: FastifyInstance, meters: Meters): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { row, routeName } = request.routeOptions.config;
    if (row !== undefined && routeName !== undefined && !waits(row)) {
      meters.answered(routeName, reply.statusCode, reply.elapsedTime);
    }
    done();
  });
}
