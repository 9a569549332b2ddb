// Says once that the orchestrator is away, and once that it is back. Runs go on meanwhile.
import { ApiError, isRetryable, UnreachableError } from '@corch/contract/client';
import { messageOf } from './error-facts.js';
import type { Logger } from './logger.js';
import { StartError } from './start-error.js';

export class Reachability {
  private away = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  get isAway(): boolean {
    return this.away;
  }

  reached(): void {
    if (this.away) this.logger.info('orchestrator is back', { url: this.url });
    this.away = false;
  }

  /** Notes a failed call. Throws it when trying again cannot mend it. */
  failed(error: unknown): void {
    if (isRefused(error)) throw error;
    const reason = messageOf(error);
    const hint = error instanceof UnreachableError ? error.hint : undefined;
    const fields = { url: this.url, reason, ...(hint !== undefined && { hint }) };
    if (!isRetryable(error)) this.logger.error('orchestrator refused a call', fields);
    else if (!this.away) this.logger.warn('orchestrator is away; running work goes on', fields);
    this.away = true;
  }
}

/**
 * A call of a worker that starts. Unlike an outage, a certificate that is not trusted and a proxy that refuses are mended by a person.
 *
 * @throws StartError `cannot_connect` for these
 */
export async function firstCall<T>(reachability: Reachability, call: () => Promise<T>): Promise<T> {
  try {
    const answer = await call();
    reachability.reached();
    return answer;
  } catch (error) {
    const isForPerson = error instanceof UnreachableError && (error.kind === 'trust' || error.kind === 'proxy');
    if (isForPerson && error.hint !== undefined) {
      throw new StartError('cannot_connect', `${capital(error.message)}.`, error.hint, { cause: error });
    }
    reachability.failed(error);
    throw error;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The token of the worker does not work (any more), or the versions do not fit, whatever the code for that is called. */
export function isRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 401 || error.status === 426);
}
