// What people read while a checkout is made ready. Data belongs to stdout, so this goes to stderr.

/** A failure that is fully told by its message: what happened, why, what to do next. */
export class StartError extends Error {}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Seconds since `from` in the way a person says them.
 * @param {number} from a value of `performance.now()`
 */
export function secondsSince(from) {
  const seconds = (performance.now() - from) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
