import type { Outcome } from '@corch/contract';

/** The change cannot be delivered: what happened, why, and what to do, in one message. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  /** @param retryAt with `delivery_delayed`: when the other side lets itself be asked again; RFC 3339 */
  constructor(
    readonly outcome: Extract<Outcome, 'delivery_failed' | 'delivery_delayed'>,
    message: string,
    readonly retryAt: string | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
