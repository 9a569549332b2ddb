/**
 * Aborted with `signal`, and otherwise after `ms` with the reason of `AbortSignal.timeout`.
 *
 * That one must not be given to `AbortSignal.any`: on Node 20 nothing holds it there, and once the garbage collector has run it
 * never fires. A pending timer holds what it calls.
 */
export function within(signal: AbortSignal, ms: number): AbortSignal {
  const late = new AbortController();
  const timeout = () => late.abort(new DOMException('The time is over', 'TimeoutError'));
  setTimeout(timeout, Math.max(0, Math.round(ms))).unref();
  return AbortSignal.any([signal, late.signal]);
}
