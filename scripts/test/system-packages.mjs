// What the tests need of the system. Only root on a system with apt gets it installed; everybody else is told its name.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runLogged } from '../start/logged.mjs';
import { say, secondsSince } from '../start/say.mjs';

/** @param {string[]} names @returns {string | undefined} the first one that can be started */
export function findOnPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} name of the Debian package
 * @param {string} otherwise the variable that names a copy outside the PATH
 * @throws {Error} that names the package and the command
 */
export async function installWithApt(name, otherwise) {
  const advice = `Install it (Debian, Ubuntu: sudo apt install ${name}) or set ${otherwise}.`;
  if (process.getuid?.() !== 0 || !findOnPath(['apt-get'])) throw new Error(`The tests need ${name}. ${advice}`);
  say(`Installing the package ${name} …`);
  const started = performance.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await runLogged('apt', 'apt-get', ['update', '-q'], { env });
  const install = await runLogged('apt', 'apt-get', ['install', '-y', '-q', '--no-install-recommends', name], { env });
  if (install.code !== 0) {
    throw new Error(
      `${update.code === 0 ? '' : update.tail}\n${install.tail}\napt-get could not install ${name}. ${advice}`,
    );
  }
  say(`Installed ${name} in ${secondsSince(started)}.`);
}
