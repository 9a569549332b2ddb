import { platform, uptime } from 'node:os';

/**
 * Milliseconds on a clock that nobody sets and that goes on while the machine sleeps. On Linux that is the time since boot;
 * `performance.now()` stands still there during a suspend. Elsewhere it is the best there is.
 */
export function bootMs(): number {
  return platform() === 'linux' ? uptime() * 1000 : performance.now();
}
