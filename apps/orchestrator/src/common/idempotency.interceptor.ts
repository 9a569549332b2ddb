import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AppError } from './app-error.js';
import { IdempotencyService, type HeldSlot } from './idempotency.service.js';
import type { Logger } from './logger.js';
import { LOGGER } from './tokens.js';

/** Gives requests with an Idempotency-Key, on rows that take one, their place or the first answer. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    @Inject(IdempotencyService) private readonly idempotency: IdempotencyService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || request.routeOptions.config.row?.idempotent !== true) return next.handle();
    return from(this.once(checkKey(key), request, reply, next));
  }

  private async once(key: string, request: FastifyRequest, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const { caller } = request;
    const acquired = await this.idempotency.acquire({
      callerId: caller !== undefined && 'id' in caller ? caller.id : 'anybody',
      routeName: request.routeOptions.config.routeName ?? request.routeOptions.url ?? '',
      key,
      content: { params: request.params, body: request.body ?? null },
    });
    if (acquired.state === 'replay') {
      void reply.header('idempotent-replayed', 'true');
      return acquired.body;
    }
    request.idempotencySlot = acquired.slot;
    if (acquired.slot.resourceId !== null) void reply.header('idempotent-replayed', 'true');
    try {
      const body: unknown = await lastValueFrom(next.handle());
      await this.settle(request, acquired.slot, (slot) => slot.complete(reply.statusCode, body));
      return body;
    } catch (error) {
      await this.settle(request, acquired.slot, (slot) => slot.release());
      throw error;
    }
  }

  /** What was done is done, and a repeat finds it by its id; so a failure here must not become the answer. */
  private async settle(
    request: FastifyRequest,
    slot: HeldSlot,
    work: (slot: HeldSlot) => Promise<void>,
  ): Promise<void> {
    await work(slot).catch((error: unknown) =>
      this.logger.warn('idempotency key not settled', { requestId: request.id, error }),
    );
  }
}

function checkKey(key: string | string[]): string {
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  const message = 'must be 1 to 200 visible ASCII characters';
  throw new AppError('validation_failed', `The header Idempotency-Key ${message}.`, {
    errors: [{ pointer: '', code: 'idempotency_key', message }],
  });
}
