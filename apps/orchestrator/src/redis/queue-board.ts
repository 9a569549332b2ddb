// bull-board at /ops, for administrators: what Redis holds of the queues. Truth is elsewhere; whatever is done here costs latency.
import type { FastifyInstance } from 'fastify';
import { AppError } from '../common/app-error.js';
import type { RedisLink } from './redis-link.js';

export const boardPath = '/ops';

/**
 * Serves the board, or without Redis an answer that says why there is none. Must come before a plugin that gives replies `sendFile`,
 * since bull-board brings its own.
 */
export async function serveQueueBoard(
  fastify: FastifyInstance,
  link: RedisLink | null,
  poolNames: () => Promise<string[]>,
): Promise<void> {
  await fastify.register(
    async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: 'admin' };
        // bull-board would answer what the gate refuses in words of its own.
        route.errorHandler = (error, request, reply) => fastify.errorHandler(error, request, reply);
      });
      if (link === null) {
        for (const path of ['/', '/*']) scope.get(path, () => Promise.reject(noBoard()));
        return;
      }
      // Only now: those who have no Redis do not load it.
      const { QueueBoard } = await import('./queue-board-page.js');
      const board = new QueueBoard(link, poolNames);
      await board.serve(scope);
    },
    { prefix: boardPath },
  );
}

function noBoard(): AppError {
  return new AppError('route_not_found', 'There are no queues to look at: REDIS_URL is not set.', {
    hint: 'Without Redis the queue is in the database: see the dashboard, or `corch ls`.',
  });
}
