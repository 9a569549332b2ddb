// Builds what `npm start` runs: the contract first, then everything else side by side. A package whose sources did not
// change is left alone. Each is built beside its old result and then swapped in, so that a failed build breaks nothing
// and a running system never sees half of one.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { root } from '../process.mjs';
import { installKey } from './install.mjs';
import { runLogged } from './logged.mjs';
import { say, secondsSince, StartError } from './say.mjs';
import { filesBelow, fingerprint, isStamped, stamp, unstamp } from './stamps.mjs';

/**
 * @typedef {object} Package
 * @property {string} dir
 * @property {string[]} needs dirs of the packages whose built types or code it takes in
 * @property {string} output a file that only a finished build has
 * @property {string[]} command below its node_modules, with arguments; the output folder is added
 */

const tsc = ['typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir'];
const vite = ['vite/bin/vite.js', 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir'];
const contract = 'packages/contract';
const scriptedModel = 'packages/scripted-model';
const transport = 'packages/transport';
const telemetry = 'packages/telemetry';

/** @type {Package[]} the longest first */
export const packages = [
  { dir: contract, needs: [], output: 'index.js', command: tsc },
  { dir: 'apps/orchestrator', needs: [contract, telemetry], output: 'main.js', command: tsc },
  { dir: 'apps/dashboard', needs: [contract], output: 'index.html', command: vite },
  { dir: 'apps/worker', needs: [contract, scriptedModel, transport, telemetry], output: 'main.js', command: tsc },
  { dir: 'apps/cli', needs: [contract, scriptedModel, transport], output: 'main.js', command: tsc },
  { dir: scriptedModel, needs: [], output: 'index.js', command: tsc },
  { dir: transport, needs: [contract], output: 'index.js', command: tsc },
  { dir: telemetry, needs: [transport], output: 'index.js', command: tsc },
];

const isNoSource = (/** @type {string} */ name) =>
  name === 'node_modules' || name.startsWith('dist') || name === 'testing' || /\.test\.tsx?$/.test(name);

/** @returns {Map<string, string>} dir → fingerprint of what its build is made from */
function buildKeys() {
  const installed = installKey();
  const own = new Map(
    packages.map(({ dir }) => [
      dir,
      fingerprint([`${root}tsconfig.base.json`, ...filesBelow(`${root}${dir}`, isNoSource)], [installed]),
    ]),
  );
  return new Map(packages.map(({ dir, needs }) => [dir, [dir, ...needs].map((each) => own.get(each)).join('.')]));
}

export const stampOf = (/** @type {string} */ dir) => `build-${dir.replace('/', '-')}`;

/** @returns {Package[]} those whose result is missing or older than their sources */
export function staleBuilds(keys = buildKeys()) {
  return packages.filter(
    ({ dir, output }) => !isStamped(stampOf(dir), keys.get(dir) ?? '') || !existsSync(`${root}${dir}/dist/${output}`),
  );
}

/**
 * Builds what is stale. Call it inside `withLock`.
 * @throws {StartError} with the compiler's words when one fails
 */
export async function build() {
  const keys = buildKeys();
  const stale = staleBuilds(keys);
  if (stale.length === 0) return;
  const started = performance.now();
  say(`Building ${stale.map(({ dir }) => dir.split('/').at(-1)).join(', ')} …`);

  const waiting = new Set(stale);
  const slots = Math.max(2, availableParallelism());
  /** @type {Map<Package, Promise<Package>>} */
  const running = new Map();
  while (waiting.size + running.size > 0) {
    for (const each of waiting) {
      const isReady = ![...waiting, ...running.keys()].some((other) => each.needs.includes(other.dir));
      if (!isReady || running.size >= slots) continue;
      waiting.delete(each);
      running.set(each, buildOne(each, keys.get(each.dir) ?? ''));
    }
    try {
      running.delete(await Promise.race(running.values()));
    } catch (error) {
      await Promise.allSettled(running.values());
      throw error;
    }
  }
  say(`Built in ${secondsSince(started)}.`);
}

/** @param {Package} one @param {string} key */
async function buildOne(one, key) {
  const dir = `${root}${one.dir}`;
  const [program, ...args] = one.command;
  unstamp(stampOf(one.dir));
  const { code, tail, log } = await runLogged(
    stampOf(one.dir),
    process.execPath,
    [`${dir}/node_modules/${program}`, ...args, 'dist.next'],
    { cwd: dir, env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (code !== 0) throw new StartError(`${tail}\n\nBuilding ${one.dir} failed; the lines above say why. Log: ${log}`);
  rmSync(`${dir}/dist.old`, { recursive: true, force: true });
  if (existsSync(`${dir}/dist`)) renameSync(`${dir}/dist`, `${dir}/dist.old`);
  renameSync(`${dir}/dist.next`, `${dir}/dist`);
  rmSync(`${dir}/dist.old`, { recursive: true, force: true });
  stamp(stampOf(one.dir), key);
  return one;
}
