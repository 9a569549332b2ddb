import type { Logger } from '../common/logger.js';

const nothing = () => undefined;

/** For tests that look at what happens, not at what is logged. */
export const silentLogger: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
