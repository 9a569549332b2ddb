import { byName, type Scenario } from '../scenario.js';
import { cleanFix } from './clean-fix.js';
import { defaultScenario } from './default.js';
import { denied } from './denied.js';
import { overload } from './overload.js';
import { repairedCheck } from './repaired-check.js';
import { slow } from './slow.js';

/** The scenarios of `--demo`, by the NAME in `[[scenario:NAME]]`. */
export const demoScripts: Record<string, Scenario> = byName([
  cleanFix,
  repairedCheck,
  denied,
  overload,
  slow,
  defaultScenario,
]);
