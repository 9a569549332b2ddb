// What a handler of an idempotent row sees of its Idempotency-Key.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';

/**
 * The place that a request with an Idempotency-Key holds; without the header, one that does nothing.
 *
 * ```ts
 * submit(@Input() input: …, @From() caller: Caller, @Idempotent() slot: IdempotencySlot) {
 *   if (slot.resourceId !== null) return this.tasks.read(slot.resourceId);
 *   return this.tasks.submit(input.body, given, caller, slot);   // calls slot.commit(manager, task.id) in its transaction
 * }
 * ```
 */
export interface IdempotencySlot {
  /** The id of what an earlier request with this key has stored, when its answer was lost (a crash in between): answer with that. */
  readonly resourceId: string | null;
  /**
   * Ties the key to what is stored, in the same transaction, so that both are there or neither.
   * @throws AppError `idempotency_in_flight` when a repeat of the request took the place over meanwhile.
   */
  commit(manager: EntityManager, resourceId: string): Promise<void>;
}

export const noSlot: IdempotencySlot = { resourceId: null, commit: () => Promise.resolve() };

declare module 'fastify' {
  interface FastifyRequest {
    idempotencySlot?: IdempotencySlot;
  }
}

/** The {@link IdempotencySlot} of the request. */
export const Idempotent = createParamDecorator(
  (_: unknown, context: ExecutionContext): IdempotencySlot =>
    context.switchToHttp().getRequest<FastifyRequest>().idempotencySlot ?? noSlot,
);
