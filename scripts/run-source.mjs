// Builds what changed and runs a program of the tests from its source: for the scripts that people call by name.
import { root, runHere } from './process.mjs';
import { build } from './start/build-packages.mjs';
import { withLock } from './start/lock.mjs';

/**
 * @param {string} file below the top folder
 * @param {string[]} [args]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} its exit code
 */
export async function runSource(file, args = [], env = process.env) {
  await withLock(build);
  const tsx = `${root}node_modules/tsx/dist/cli.mjs`;
  return runHere(process.execPath, [tsx, '--conditions=corch-source', `${root}${file}`, ...args], { env });
}
