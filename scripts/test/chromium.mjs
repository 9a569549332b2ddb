// The browser of the dashboard's tests: the system's own, so that nothing outside the package registries is fetched.
import { existsSync } from 'node:fs';
import { findOnPath, installWithApt } from './system-packages.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @returns {Promise<string>} the path of a Chromium that can be started */
export async function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH names ${given}, which does not exist. Correct or unset it.`);
  }
  const found = findOnPath(NAMES);
  if (found) return found;
  await installWithApt('chromium', 'CHROMIUM_PATH=/path/to/chrome');
  const installed = findOnPath(NAMES);
  if (installed) return installed;
  throw new Error('The package chromium was installed, but no chromium is on the PATH. Set CHROMIUM_PATH to it.');
}
