// `ip` and `tc`, with which a test makes machines on one machine. Only root may use them so; for everybody else that test is skipped
// and says why.
import { say } from '../start/say.mjs';
import { findOnPath, installWithApt } from './system-packages.mjs';

/** Installs them where that helps. */
export async function findNetworkTools() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || findOnPath(['ip'])) return;
  await installWithApt('iproute2', 'PATH').catch((/** @type {Error} */ error) => say(error.message));
}
