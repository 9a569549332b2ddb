// A Redis server of its own for one test run: free port, nothing on disk, gone at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { findOnPath, installWithApt } from './system-packages.mjs';

/**
 * @typedef {object} TestRedis
 * @property {string} url
 * @property {(how?: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP') => Promise<void>} halt ends the server, or freezes it; what it held is gone, unless frozen
 * @property {() => Promise<void>} resume starts a server that was ended at the same address, or lets a frozen one go on
 * @property {() => Promise<void>} stop ends the server for good
 */

/**
 * @param {Record<string, string>} [settings] by their names in redis.conf
 * @returns {Promise<TestRedis>}
 */
export async function startRedis(settings = {}) {
  const program = await findServer();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'corch-redis-'));
  const all = { bind: '127.0.0.1', port: String(port), save: '', appendonly: 'no', dir: folder, ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const launch = () => spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let server = launch();
  let isFrozen = false;
  await ready(server);
  const stopNow = () => void server.kill('SIGKILL');
  process.once('exit', stopNow);
  /** @param {NodeJS.Signals} how */
  const end = async (how) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(how);
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async halt(how = 'SIGTERM') {
      isFrozen = how === 'SIGSTOP';
      if (isFrozen) server.kill(how);
      else await end(how);
    },
    async resume() {
      if (isFrozen) {
        isFrozen = false;
        server.kill('SIGCONT');
        return;
      }
      server = launch();
      await ready(server);
    },
    async stop() {
      process.off('exit', stopNow);
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function findServer() {
  const given = process.env.REDIS_SERVER;
  if (given) return given;
  const found = findOnPath(['redis-server', 'valkey-server']);
  if (found) return found;
  await installWithApt('redis-server', 'REDIS_SERVER=/path/to/redis-server');
  const installed = findOnPath(['redis-server']);
  if (installed) return installed;
  throw new Error(
    'The package redis-server was installed, but there is no redis-server on the PATH. Set REDIS_SERVER.',
  );
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @returns {Promise<void>} when it takes connections
 */
function ready(server) {
  return new Promise((resolve, reject) => {
    let log = '';
    const onExit = () => reject(new Error(`Redis did not start:\n${log}`));
    server.once('error', reject);
    server.once('exit', onExit);
    server.stdout?.on('data', (chunk) => {
      log = (log + String(chunk)).slice(-10_000);
      if (!log.includes('Ready to accept connections')) return;
      server.off('exit', onExit);
      resolve();
    });
  });
}
