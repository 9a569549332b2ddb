// What the tests need of the system. Only root on a system with apt gets it installed; everybody else is told its name.
import { accessSync, constants, existsSync } from 'node:fs';
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

/** Whether this user may install packages here. */
export function canInstall() {
  return process.getuid?.() === 0 && findOnPath(['apt-get']) !== undefined;
}

/**
 * @param {string} name of the Debian package
 * @param {string} otherwise the variable that names a copy outside the PATH
 * @throws {Error} that names the package and the command
 */
export async function installWithApt(name, otherwise) {
  const advice = `Install it (Debian, Ubuntu: sudo apt install ${name}) or set ${otherwise}.`;
  if (!canInstall()) throw new Error(`The tests need ${name}. ${advice}`);
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

/**
 * A program of Debian, installed when it is missing.
 * @param {string} name of the program
 * @param {string} inPackage
 * @param {string} variable that names a copy outside the PATH
 * @returns {Promise<string>} its path
 */
export async function systemProgram(name, inPackage, variable) {
  const given = process.env[variable];
  if (given) return given;
  // Debian keeps servers in a folder that is on the PATH of root alone.
  const found = () => findOnPath([name]) ?? [`/usr/sbin/${name}`].find((path) => existsSync(path));
  const before = found();
  if (before) return before;
  await installWithApt(inPackage, `${variable}=/path/to/${name}`);
  const installed = found();
  if (installed) return installed;
  throw new Error(`The package ${inPackage} was installed, but there is no ${name} on the PATH. Set ${variable}.`);
}
