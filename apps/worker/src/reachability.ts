// Says once that the orchestrator is away, and once that it is back. Runs go on meanwhile.
import { ApiError, isRetryable } from '@corch/contract/client';
import { messageOf } from './error-facts.js';
import type { Logger } from './logger.js';

export class Reachability {
  private isAway = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  reached(): void {
    if (this.isAway) this.logger.info('orchestrator is back', { url: this.url });
    this.isAway = false;
  }

  /** Notes a failed call. Throws it when trying again cannot mend it. */
  failed(error: unknown): void {
    if (isRefused(error)) throw error;
    const reason = messageOf(error);
    if (!isRetryable(error)) this.logger.error('orchestrator refused a call', { url: this.url, reason });
    else if (!this.isAway) this.logger.warn('orchestrator is away; running work goes on', { url: this.url, reason });
    this.isAway = true;
  }
}

/** The token of the worker does not work (any more). */
export function isRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 401 || error.code === 'worker_outdated');
}
