import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Config } from '../config.js';
import { CONFIG } from './tokens.js';

/** In tests, holds every JSON answer against the schema of its row; what does not fit is a mistake of ours. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { row, routeName } = context.switchToHttp().getRequest<FastifyRequest>().routeOptions.config;
    const schema = row?.response;
    if (!this.config.checkAnswers || !(schema instanceof z.ZodType)) return next.handle();
    return next.handle().pipe(
      map((body: unknown) => {
        // Handlers that write to the reply themselves return nothing.
        if (body === undefined) return body;
        const parsed = schema.safeParse(body);
        if (!parsed.success)
          throw new Error(`the answer of ${routeName} does not fit: ${z.prettifyError(parsed.error)}`);
        return body;
      }),
    );
  }
}
