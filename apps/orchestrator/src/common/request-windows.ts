import type { FastifyRateLimitStore } from '@fastify/rate-limit';

/** Callers that are counted at a time; who asked least lately is forgotten first. */
const maxCallers = 5_000;

/**
 * Counts requests per caller and window, on a clock that nobody sets: by the plugin's own store, which asks the wall clock, a window
 * would last for an hour more after the clock was set back by one, and shut out every worker.
 */
export class RequestWindows implements FastifyRateLimitStore {
  private readonly windows = new Map<string, { count: number; endsAt: number }>();

  /** The plugin makes it, and hands its options over. */
  constructor(
    _options?: unknown,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  incr(key: string, callback: Parameters<FastifyRateLimitStore['incr']>[1], timeWindowMs: number): void {
    const now = this.monotonic();
    const known = this.windows.get(key);
    const window = known !== undefined && known.endsAt > now ? known : { count: 0, endsAt: now + timeWindowMs };
    window.count++;
    // A map keeps the order of insertion: in again, it is the youngest.
    this.windows.delete(key);
    this.windows.set(key, window);
    const [eldest] = this.windows.keys();
    if (this.windows.size > maxCallers && eldest !== undefined) this.windows.delete(eldest);
    callback(null, { current: window.count, ttl: window.endsAt - now });
  }

  child(): RequestWindows {
    return new RequestWindows(undefined, this.monotonic);
  }
}
