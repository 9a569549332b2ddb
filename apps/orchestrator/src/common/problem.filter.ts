import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { errorRow } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.js';
import { problemType, toAppError, toProblem } from './problem.js';
import { pathOf } from './request-path.js';
import { LOGGER } from './tokens.js';

/** Answers every failure with problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toAppError(thrown);
    const { status } = errorRow(error.code);
    if (status >= 500) {
      const level = error.code === 'internal' ? 'error' : 'warn';
      this.logger[level]('request failed', { requestId: request.id, path: pathOf(request.url), error: thrown });
    }
    if (reply.sent || reply.raw.headersSent) {
      // The answer is under way and cannot be taken back; cutting it off tells the reader that it is not whole.
      reply.raw.destroy();
      return;
    }
    const { retryAfterSeconds } = error.extra;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="corch"');
    void reply
      .status(status)
      .header('cache-control', 'no-store')
      .type(problemType)
      .send(JSON.stringify(toProblem(error, request.id, pathOf(request.url))));
  }
}
