// A Redis server of its own for one test run: free port, nothing on disk, gone at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { startServer } from './server-process.mjs';
import { findOnPath, installWithApt } from './system-packages.mjs';

/**
 * @typedef {object} TestRedis
 * @property {string} url
 * @property {(how?: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP') => Promise<void>} halt ends the server, or freezes it; what it held is gone, unless frozen
 * @property {() => Promise<void>} resume starts a server that was ended at the same address, or lets a frozen one go on
 * @property {() => Promise<void>} empty removes every key
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
  const server = await startServer('Redis', launch, 'Ready to accept connections', 'SIGKILL');
  let isFrozen = false;
  return {
    url: `redis://127.0.0.1:${port}`,
    async halt(how = 'SIGTERM') {
      isFrozen = how === 'SIGSTOP';
      if (isFrozen) server.send(how);
      else await server.end(how);
    },
    async resume() {
      if (!isFrozen) return server.start();
      isFrozen = false;
      server.send('SIGCONT');
    },
    empty: () => empty(port),
    async stop() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Redis takes a command as a line, too. @param {number} port @returns {Promise<void>} */
function empty(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (String(answer).startsWith('+OK')) resolve();
      else reject(new Error(`Redis answered FLUSHALL with ${answer}`));
    });
  });
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
