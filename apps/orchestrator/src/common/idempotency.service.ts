// Idempotency-Key: the same request again gets the same answer, and nothing is done twice.
import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from './app-error.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import type { IdempotencySlot } from './idempotency.js';
import { CLOCK, type Clock } from './tokens.js';

const keepMs = 86_400_000;
/**
 * A request that said nothing for this long (its process died) may be repeated. It need not be long: a request that is only slow
 * notices in its own transaction that its place is gone.
 */
const holdMs = 15_000;

export interface KeyedRequest {
  /** Who asks: keys of different callers have nothing to do with each other. */
  readonly callerId: string;
  readonly routeName: string;
  readonly key: string;
  /** What makes the request what it is: path parameters and body. */
  readonly content: unknown;
}

/** A place to work in, or the answer of the first request. */
export type Acquired =
  | { readonly state: 'first'; readonly slot: HeldSlot }
  | { readonly state: 'replay'; readonly status: number; readonly body: unknown };

export interface HeldSlot extends IdempotencySlot {
  /** Keeps the answer for repeats. */
  complete(status: number, body: unknown): Promise<void>;
  /** The request failed: the next one with this key may try. */
  release(): Promise<void>;
}

@Injectable()
export class IdempotencyService {
  constructor(
    @Inject(IdempotencyRepository) private readonly keys: IdempotencyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws AppError `idempotency_mismatch` or `idempotency_in_flight`. */
  async acquire(request: KeyedRequest): Promise<Acquired> {
    const id = hash([request.callerId, request.routeName, request.key]);
    const requestHash = hash(request.content);
    const holder = randomUUID();
    const now = this.clock();
    const heldUntil = now + holdMs;
    const row = await this.keys.insertOrFind(
      { id, requestHash, holder, heldUntil, resourceId: null, expiresAt: now + keepMs },
      now,
    );
    if (row.holder === holder) return { state: 'first', slot: this.slot(id, holder, null) };
    if (row.requestHash !== requestHash) {
      throw new AppError(
        'idempotency_mismatch',
        'The first request with this Idempotency-Key had another body or path.',
      );
    }
    if (row.status !== null) return { state: 'replay', status: row.status, body: row.body };
    // A time that is further away than any hold was written before the clock was set back.
    const isHeld = row.heldUntil > now && row.heldUntil <= heldUntil;
    if (isHeld || !(await this.keys.takeOver(id, row.holder, holder, heldUntil))) {
      throw new AppError('idempotency_in_flight', 'The first request with this Idempotency-Key is not answered yet.', {
        retryAfterSeconds: 1,
      });
    }
    return { state: 'first', slot: this.slot(id, holder, row.resourceId) };
  }

  private slot(id: string, holder: string, resourceId: string | null): HeldSlot {
    return {
      resourceId,
      commit: async (manager, storedId) => {
        if (await this.keys.commit(manager, id, holder, storedId)) return;
        throw new AppError('idempotency_in_flight', 'A repeat of this request took over.', { retryAfterSeconds: 1 });
      },
      complete: async (status, body) => {
        await this.keys.complete(id, holder, status, body);
      },
      release: () => this.keys.release(id, holder),
    };
  }
}

/** SHA-256 over JSON with sorted keys, so that the order of fields does not matter. */
function hash(value: unknown): string {
  const canonical = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash('sha256').update(canonical).digest('hex');
}
