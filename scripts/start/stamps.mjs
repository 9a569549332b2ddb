// A stamp is a small file that holds the fingerprint of what a step was made from. Contents are hashed, not times:
// a checkout that goes to another branch and back has nothing to do, and reading all sources takes about 30 ms.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../process.mjs';

const folder = `${root}.stamps`;

/**
 * @param {string[]} files absolute paths; a missing file counts as empty
 * @param {string[]} [words] whatever else the result depends on
 */
export function fingerprint(files, words = []) {
  const hash = createHash('sha1');
  for (const word of words) hash.update(word).update('\0');
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readOrEmpty(file)).update('\0');
  return hash.digest('hex');
}

/**
 * All files below `dir` in a fixed order.
 * @param {string} dir absolute
 * @param {(name: string) => boolean} isIgnored by the bare name of a file or folder
 * @returns {string[]}
 */
export function filesBelow(dir, isIgnored) {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !isIgnored(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      return entry.isDirectory() ? filesBelow(path, isIgnored) : [path];
    });
}

/** @param {string} name @param {string} value */
export function isStamped(name, value) {
  return String(readOrEmpty(join(folder, name))) === value;
}

/** Whether the step was ever done here. @param {string} name */
export function isStampedOnce(name) {
  return readOrEmpty(join(folder, name)).length > 0;
}

/** @param {string} name @param {string} value */
export function stamp(name, value) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), value);
}

/** @param {string} name */
export function unstamp(name) {
  rmSync(join(folder, name), { force: true });
}

/** @param {string} file */
function readOrEmpty(file) {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
