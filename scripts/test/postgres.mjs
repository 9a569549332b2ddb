// A PostgreSQL server of its own for one test run: free port, temporary data, gone at the end.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.mjs';
import { startServer } from './server-process.mjs';
import { findOnPath, installWithApt } from './system-packages.mjs';
import { unprivilegedOwner } from './unprivileged.mjs';

const DEBIAN = '/usr/lib/postgresql';
// Unix allows about 100 bytes for the path of a socket.
const LONGEST_FOLDER = 80;

/**
 * @typedef {object} Postgres
 * @property {string} url of the maintenance database, as a user who may create others
 * @property {string} folder of its data
 * @property {() => Promise<void>} stop ends the server and removes its data
 * @property {(how?: 'SIGINT' | 'SIGQUIT') => Promise<void>} halt ends the server (fast, or as a crash does) and keeps its data
 * @property {() => Promise<void>} resume starts a server that was halted again, at the same address
 */

/**
 * @param {Record<string, string | number>} [settings] beside the usual ones
 * @param {import('./reverse-proxy.mjs').Certificates} [certificates] for localhost: nobody gets in without TLS
 * @returns {Promise<Postgres>}
 */
export async function startPostgres(settings = {}, certificates) {
  const bin = (await findBinaries()) + '/';
  const parent = tmpdir().length > LONGEST_FOLDER ? '/tmp' : tmpdir();
  const folder = mkdtempSync(join(parent, 'corch-pg-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const owner = unprivilegedOwner('postgres');
    if (owner) chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const made = spawnSync(`${bin}initdb`, initdb, { ...owner, cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
    const tls = certificates === undefined ? {} : demandTls(data, owner, certificates);
    return await serve(`${bin}postgres`, { data, folder, owner, remove, settings: { ...tls, ...settings } });
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * @param {string} data
 * @param {{ uid: number, gid: number } | undefined} owner
 * @param {import('./reverse-proxy.mjs').Certificates} certificates
 * @returns {Record<string, string>} settings
 */
function demandTls(data, owner, { key, certificate }) {
  const files = { 'server.key': key, 'server.crt': certificate, 'pg_hba.conf': 'hostssl all all 127.0.0.1/32 trust\n' };
  for (const [name, content] of Object.entries(files)) {
    const file = join(data, name);
    writeFileSync(file, content, { mode: 0o600 });
    if (owner) chownSync(file, owner.uid, owner.gid);
  }
  return { ssl: 'on' };
}

/**
 * @typedef {object} Place
 * @property {string} data
 * @property {string} folder of the socket
 * @property {{ uid: number, gid: number } | undefined} owner
 * @property {() => void} remove
 * @property {Record<string, string | number>} settings
 */

/**
 * @param {string} program
 * @param {Place} place
 * @returns {Promise<Postgres>}
 */
async function serve(program, { data, folder, owner, remove, settings }) {
  const port = await freePort();
  const all = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    max_connections: 200,
    shared_buffers: '64MB',
    // The data lives for one test run; a crash of the machine may take it.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const launch = () => spawn(program, args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const server = await startServer('PostgreSQL', launch, 'ready to accept connections', 'SIGINT');
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    // SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients to leave. After SIGQUIT it recovers from its log.
    halt: (how = 'SIGINT') => server.end(how),
    resume: server.start,
    async stop() {
      await server.close();
      remove();
    },
  };
}

/**
 * Runs one statement by psql, which lies beside the server's programs or on the PATH.
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<string>} the values alone, a row per line
 */
export async function runSql(url, sql) {
  const bin = process.env.POSTGRES_BIN ?? newestDebian() ?? onPath() ?? '';
  const psql = existsSync(join(bin, 'psql')) ? join(bin, 'psql') : 'psql';
  const args = ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', sql, url];
  const { stdout } = await promisify(execFile)(psql, args, { maxBuffer: 1e9 });
  return stdout.trim();
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
