// The two things that must be there before: Node and git.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { root } from '../process.mjs';
import { StartError } from './say.mjs';

/** The root package.json: which Node and which pnpm this checkout wants. */
export const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/**
 * Whether `version` is at least `floor`; both like `20.19.3`, missing parts count as 0.
 * @param {string} version
 * @param {string} floor
 */
export function isAtLeast(version, floor) {
  const parts = version.split('.').map(Number);
  const floorParts = floor.split('.').map(Number);
  for (let i = 0; i < 3; i += 1) {
    const difference = (parts[i] || 0) - (floorParts[i] || 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** @throws {StartError} naming what is missing and how to get it */
export function checkPrerequisites() {
  const floor = manifest.engines.node.replace('>=', '');
  if (!isAtLeast(process.versions.node, floor)) {
    throw new StartError(
      `Node ${floor} or newer is needed; this is Node ${process.versions.node}. ` +
        'Install a current version from https://nodejs.org and run the command again.',
    );
  }
  if (spawnSync('git', ['--version'], { stdio: 'ignore' }).error) {
    throw new StartError(
      'git was not found on the PATH. Install it (Debian, Ubuntu: apt install git; macOS: xcode-select --install) ' +
        'and run the command again.',
    );
  }
}
