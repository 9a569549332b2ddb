import { byName, type Scenario } from '../scenario.js';
import { apiErrors } from './test-api-errors.js';
import { asks } from './test-asks.js';
import { limits } from './test-limits.js';
import { brokenStreams } from './test-streams.js';
import { work } from './test-work.js';

/** Scenarios for tests of how runs end, by the NAME in `[[scenario:NAME]]`. */
export const testScripts: Record<string, Scenario> = byName([
  ...apiErrors,
  ...brokenStreams,
  ...work,
  ...limits,
  ...asks,
]);
