// The browser of the dashboard's tests: the system's own, so that nothing outside the package registries is fetched.
import { existsSync } from 'node:fs';
import { canInstall, findOnPath, installWithApt } from './system-packages.mjs';

/** Chromium without windows, tabs and bars: the same pages in half the time (one file of tests: 51 s against 93 s). */
const SHELL = 'chromium-headless-shell';
const WHOLE = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const VARIABLE = 'CHROMIUM_PATH=/path/to/chrome';

/** @returns {Promise<string>} the path of a Chromium that can be started */
export async function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH names ${given}, which does not exist. Correct or unset it.`);
  }
  if (!findOnPath([SHELL]) && canInstall()) {
    // A distribution without that package has the whole one.
    await installWithApt(SHELL, VARIABLE).catch(() => undefined);
  }
  const found = findOnPath([SHELL, ...WHOLE]);
  if (found) return found;
  await installWithApt('chromium', VARIABLE);
  const installed = findOnPath(WHOLE);
  if (installed) return installed;
  throw new Error('The package chromium was installed, but no chromium is on the PATH. Set CHROMIUM_PATH to it.');
}
