// A PostgreSQL server of its own for one test run: free port, temporary data, gone at the end.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findOnPath, installWithApt } from './system-packages.mjs';

const DEBIAN = '/usr/lib/postgresql';
// Unix allows about 100 bytes for the path of a socket.
const LONGEST_FOLDER = 80;

/**
 * @typedef {object} Postgres
 * @property {string} url of the maintenance database, as a user who may create others
 * @property {() => Promise<void>} stop ends the server and removes its data
 */

/** @returns {Promise<Postgres>} */
export async function startPostgres() {
  const bin = (await findBinaries()) + '/';
  const parent = tmpdir().length > LONGEST_FOLDER ? '/tmp' : tmpdir();
  const folder = mkdtempSync(join(parent, 'corch-pg-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const owner = unprivilegedOwner();
    if (owner) chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const made = spawnSync(`${bin}initdb`, initdb, { ...owner, cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
    return await serve(`${bin}postgres`, data, folder, owner, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * @param {string} program
 * @param {string} data
 * @param {string} folder of the socket
 * @param {{ uid: number, gid: number } | undefined} owner
 * @param {() => void} remove
 * @returns {Promise<Postgres>}
 */
async function serve(program, data, folder, owner, remove) {
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    max_connections: 200,
    shared_buffers: '64MB',
    // The data lives for one test run; a crash of the machine may take it.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = spawn(program, args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await new Promise((resolve, reject) => {
    let log = '';
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
    server.stderr.on('data', (chunk) => {
      log = (log + String(chunk)).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve(undefined);
    });
  });
  const stopNow = () => void server.kill('SIGINT');
  process.once('exit', stopNow);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      process.off('exit', stopNow);
      // PostgreSQL's "fast" shutdown: it does not wait for clients to leave.
      stopNow();
      await ended;
      remove();
    },
  };
}

/** @returns {Promise<string>} the folder with initdb and postgres */
async function findBinaries() {
  const given = process.env.POSTGRES_BIN;
  if (given) {
    if (existsSync(join(given, 'initdb'))) return given;
    throw new Error(`POSTGRES_BIN names ${given}, which holds no initdb. Correct or unset it.`);
  }
  const found = newestDebian() ?? onPath();
  if (found) return found;
  await installWithApt('postgresql', 'POSTGRES_BIN=/path/to/postgresql/bin');
  const installed = newestDebian();
  if (installed) return installed;
  throw new Error(`The package postgresql was installed, but ${DEBIAN}/*/bin holds no initdb. Set POSTGRES_BIN.`);
}

/** Debian keeps the server's programs off the PATH, one folder per major version. */
function newestDebian() {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => `${DEBIAN}/${version}/bin`).find((bin) => existsSync(`${bin}/initdb`));
}

function onPath() {
  const initdb = findOnPath(['initdb']);
  return initdb && dirname(initdb);
}

/** PostgreSQL refuses to run as root; then it runs as its own user, or as nobody. */
function unprivilegedOwner() {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  return users.get('postgres') ?? users.get('nobody');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
