// The built programs once around on another Node: start, one task on the scripted model, stop.
// `node scripts/smoke.mjs --node 22`; without --node on the Node that runs this.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { exitCodeOf, root } from './process.mjs';

/** Exact, so that a run today and one next year test the same. The registry holds Node itself, one package per platform. */
const versions = /** @type {Record<string, string>} */ ({ 22: '22.23.3', 24: '24.21.0' });
const START_MS = 60_000;
const TASK_MS = 120_000;
const STOP_MS = 20_000;

const { values } = parseArgs({ options: { node: { type: 'string' } } });
const node = values.node === undefined ? process.execPath : fetchNode(values.node);
const folder = mkdtempSync(join(tmpdir(), 'corch-smoke-'));
const main = `${root}apps/cli/dist/main.js`;
// Its own home: nobody's login, configuration or data takes part.
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  TMPDIR: folder,
  XDG_CONFIG_HOME: join(folder, 'config'),
  LANG: 'C.UTF-8',
};

const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
const up = spawn(node, [main, 'up', '--demo', '--no-open', '--port', '0', '--data', join(folder, 'data')], {
  cwd: folder,
  env,
  stdio: ['ignore', 'pipe', 'pipe'],
});
let output = '';
for (const stream of [up.stdout, up.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
/** @type {Promise<number>} */
const ended = new Promise((resolve) => up.once('exit', (code, signal) => resolve(exitCodeOf(code, signal))));

try {
  const url = await waitFor('up to print its address', START_MS, () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]);
  await waitFor('/health to answer 200', START_MS, async () => (await fetch(`${url}/health`)).ok);
  const task = spawnSync(node, [main, 'run', 'Say hello', '--watch'], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: TASK_MS,
  });
  if (task.status !== 0) throw new Error(`corch run --watch ended with ${task.status}:\n${task.stdout}${task.stderr}`);
  up.kill('SIGINT');
  const code = await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
  if (code !== 0)
    throw new Error(code === undefined ? `up did not stop within ${STOP_MS} ms` : `up ended with ${code}`);
  console.log(`Node ${version}: started, one task done, stopped.`);
} catch (error) {
  console.log(`${error instanceof Error ? error.message : String(error)}\n\n── up said\n${output}`);
  up.kill('SIGKILL');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * @template T
 * @param {string} what
 * @param {number} withinMs
 * @param {() => T | Promise<T>} look a thrown error means "not yet"
 * @returns {Promise<NonNullable<T>>}
 */
async function waitFor(what, withinMs, look) {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (up.exitCode !== null) throw new Error(`up ended with ${up.exitCode} while waiting for ${what}`);
    const found = await Promise.resolve()
      .then(look)
      .catch(() => undefined);
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`waited ${withinMs} ms for ${what}`);
}

/** @param {string} major @returns {string} the path of that Node */
function fetchNode(major) {
  const name = `node-${process.platform}-${process.arch}@${versions[major]}`;
  const args = ['--yes', '--package', name, '--', 'node', '--print', 'process.execPath'];
  const { status, stdout, stderr } = spawnSync('npx', args, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`npx could not fetch ${name}:\n${stderr}`);
  return stdout.trim();
}
