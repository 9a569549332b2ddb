import { ApiError, UnreachableError } from './http.js';

/** How long to keep trying. The pause doubles from `delayMs` to `maxDelayMs`, each with ±20 % jitter. */
export interface RetryPolicy {
  /** Attempts in all; Infinity for work that is already paid for (append, finish). */
  readonly attempts: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

/** One attempt, for people who wait. */
export const once: RetryPolicy = { attempts: 1, delayMs: 0, maxDelayMs: 0 };
/** 7 attempts over about 20 s. */
export const brief: RetryPolicy = { attempts: 7, delayMs: 300, maxDelayMs: 8_000 };
/** Until it works or is refused. */
export const patient: RetryPolicy = { attempts: Infinity, delayMs: 300, maxDelayMs: 15_000 };

/** For streams that somebody looks at: quickly back, whatever the outage was. */
export const live: RetryPolicy = { attempts: Infinity, delayMs: 300, maxDelayMs: 3_000 };

/** Whether the same request may succeed later: no answer, 429, 5xx, or a problem that says so. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ApiError && (error.retryable || error.status === 429 || error.status >= 500);
}

/** The pause before attempt `attempt + 1`, milliseconds. `random` is in [0, 1). */
export function pauseMs(policy: RetryPolicy, attempt: number, error: unknown, random: number): number {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  if (asked !== undefined) return asked * 1000;
  const base = Math.min(policy.delayMs * 2 ** (attempt - 1), policy.maxDelayMs);
  return base * (0.8 + 0.4 * random);
}

/** Runs `attempt` until it succeeds, is refused, the policy is used up or `signal` is aborted. */
export async function withRetry<T>(policy: RetryPolicy, attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (n >= policy.attempts || !isRetryable(error)) throw error;
      await pause(pauseMs(policy, n, error, Math.random()), signal);
    }
  }
}

/** Waits, or throws the abort reason of `signal`. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
