// Installs what package.json files ask for, with the pinned pnpm, exactly as the lockfile says.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { root } from '../process.mjs';
import { runLogged } from './logged.mjs';
import { manifest } from './prerequisites.mjs';
import { say, secondsSince, StartError } from './say.mjs';
import { fingerprint, isStamped, isStampedOnce, stamp } from './stamps.mjs';

/**
 * `apps`: what runs and builds the product. `all`: also the tools of the tests.
 * @typedef {'apps' | 'all'} Scope
 */

const filters = {
  // A filter alone leaves the workspace root in, and with it every tool of the tests; the last option leaves it out.
  apps: ['--filter', './apps/*', '--filter', './packages/*', '--config.pruneDirectDependencies=true'],
  all: [],
};

/** Folders of the packages, relative to the root. */
const packageFolders = () =>
  ['packages', 'apps'].flatMap((folder) => readdirSync(root + folder).map((name) => `${folder}/${name}`));

/** The fingerprint of everything that decides what node_modules holds. */
export function installKey() {
  const manifests = ['.', 'e2e', 'bench', ...packageFolders()].map((folder) => `${folder}/package.json`);
  const files = ['pnpm-workspace.yaml', 'pnpm-lock.yaml', ...manifests].map((file) => root + file);
  return fingerprint(files, [process.platform, process.arch]);
}

/** @param {Scope} scope */
export function isInstalled(scope) {
  const key = installKey();
  if (!existsSync(`${root}node_modules/.modules.yaml`)) return false;
  return isStamped('install-all', key) || (scope === 'apps' && isStamped('install-apps', key));
}

/**
 * @param {Scope} scope
 * @throws {StartError} when it fails
 */
export async function install(scope) {
  // Somebody who has the tools of the tests keeps them.
  if (scope === 'apps' && isStampedOnce('install-all')) scope = 'all';
  const started = performance.now();
  const { command, prefix } = pnpm();
  say(`Installing packages${existsSync(`${root}node_modules/.modules.yaml`) ? '' : downloadNote()} …`);
  // pnpm checks a lockfile's entries against the registry when somebody changes it. Asking again for all 900 on every
  // machine that installs them costs seconds, and over a minute where the registry limits connections.
  const trust = '--trust-lockfile';
  const options = [
    '--frozen-lockfile',
    trust,
    '--reporter=append-only',
    '--config.fetchRetryMintimeout=1000',
    '--config.confirmModulesPurge=false',
  ];
  const args = [...prefix, 'install', ...options, ...filters[scope]];
  // A tool of the user's shell may set CI or a production mode; neither must change what is installed.
  const env = {
    ...process.env,
    NODE_ENV: '',
    npm_config_production: '',
    npm_config_update_notifier: 'false',
    // Retries after 1 s and 10 s instead of 10 s and 60 s: without a network, npx would be silent for 71 s.
    npm_config_fetch_retry_mintimeout: '1000',
  };
  const run = () => runLogged('install', command, args, { env, progress: packagesDone });
  let result = await run();
  // node_modules was linked from another store: another user, another home, another major version of pnpm.
  if (/ERR_PNPM_UNEXPECTED|_DIFF\b/.test(result.output)) {
    removeModules();
    result = await run();
  }
  if (result.code !== 0) throw new StartError(failureOf(result));
  stamp(`install-${scope}`, installKey());
  say(`Installed packages in ${secondsSince(started)} (download included).`);
}

function removeModules() {
  for (const folder of ['.', 'e2e', 'bench', ...packageFolders()]) {
    rmSync(`${root}${folder}/node_modules`, { recursive: true, force: true });
  }
}

/** pnpm when the pinned version is on the PATH, else npx, which comes with Node and fetches it. */
export function pnpm() {
  const [, version] = manifest.packageManager.split('@');
  // Asked outside the checkout: inside it, other versions would switch themselves first.
  const found = spawnSync('pnpm', ['--version'], { cwd: tmpdir(), encoding: 'utf8', timeout: 5000 });
  return found.stdout?.trim() === version
    ? { command: 'pnpm', prefix: [] }
    : { command: 'npx', prefix: ['--yes', `pnpm@${version}`] };
}

/** Pnpm's counters in a person's words. @param {string} output */
function packagesDone(output) {
  const counts = [...output.matchAll(/^Progress: resolved (\d+), reused (\d+), downloaded (\d+)/gm)].at(-1);
  return counts ? `${Number(counts[2]) + Number(counts[3])} of ${counts[1]} packages` : 'connecting';
}

/** The one download that a person should expect: measured for Linux x64, the others are within a tenth of it. */
function downloadNote() {
  const version = /'@anthropic-ai\/claude-code': (\d\S+)/.exec(readFileSync(`${root}pnpm-workspace.yaml`, 'utf8'))?.[1];
  return ` (the largest is Claude Code ${version}, about 175 MB)`;
}

const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|dns error|error sending request/;

/** @param {import('./logged.mjs').Logged} result */
function failureOf({ output, log, tail }) {
  if (/ENOSPC|No space left/.test(output)) {
    return `Installing failed: the disk is full. About 1.5 GB are needed; free some space and run the command again. Log: ${log}`;
  }
  const network = OFFLINE.exec(output)?.[0];
  if (network) {
    return (
      `Installing failed: the package registry cannot be reached (${network}). Check the network, or npm's registry ` +
      `and proxy settings, and run the command again. Log: ${log}`
    );
  }
  return `${tail}\n\nInstalling failed; the lines above say why. Log: ${log}`;
}
