// `pnpm pictures`: see e2e/src/testing/pictures.ts.
import { runSource } from './run-source.mjs';
import { findChromium } from './test/chromium.mjs';

const env = { ...process.env, CHROMIUM_PATH: await findChromium() };
process.exitCode = await runSource('e2e/src/testing/pictures.ts', [], env);
