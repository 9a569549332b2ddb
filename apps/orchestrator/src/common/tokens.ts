/** Injection tokens for what is no class. */

/** The parsed {@link import('../config.js').Config}. */
export const CONFIG = Symbol('Config');
/** {@link Clock}: the only source of time for anything that is stored or compared. */
export const CLOCK = Symbol('Clock');
/** Milliseconds since some moment, on a clock that nobody sets: a {@link Clock} for spans of time. It may stand still while the machine sleeps. */
export const MONOTONIC = Symbol('Monotonic');
/** The {@link import('./logger.js').Logger} of the process. */
export const LOGGER = Symbol('Logger');

/** Now, as epoch milliseconds. */
export type Clock = () => number;
