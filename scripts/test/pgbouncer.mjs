// A PgBouncer before a PostgreSQL server for one test run. In transaction mode each transaction gets whatever connection to the
// server is free: what a session would remember (LISTEN, SET, locks and prepared statements of the session) is not there any more.
import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { startServer } from './server-process.mjs';
import { systemProgram } from './system-packages.mjs';
import { unprivilegedOwner } from './unprivileged.mjs';

/** Connections to the server for each database and user: far fewer than one orchestrator's own pool would hold. */
export const poolSize = 3;

/**
 * @typedef {object} Pgbouncer
 * @property {string} url of the maintenance database, by way of the pooler
 * @property {() => Promise<void>} halt ends it at once, and every connection with it
 * @property {() => Promise<void>} resume starts it again at the same address
 * @property {() => Promise<void>} stop ends it for good
 */

/**
 * @param {string} server the address of the PostgreSQL server, with a user who may read `pg_shadow`
 * @param {import('./reverse-proxy.mjs').Certificates} [certificates] for localhost: nobody gets in without TLS
 * @returns {Promise<Pgbouncer>}
 */
export async function startPgbouncer(server, certificates) {
  const program = await systemProgram('pgbouncer', 'pgbouncer', 'PGBOUNCER');
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'corch-pgbouncer-'));
  const owner = unprivilegedOwner('postgres');
  const { hostname, port: serverPort, username } = new URL(server);
  const users = join(folder, 'users.txt');
  const config = join(folder, 'pgbouncer.ini');
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(key, certificates?.key ?? '', { mode: 0o600 });
  writeFileSync(certificate, certificates?.certificate ?? '');
  const tls = ['client_tls_sslmode = require', `client_tls_key_file = ${key}`, `client_tls_cert_file = ${certificate}`];
  writeFileSync(users, `"${username}" ""\n`);
  writeFileSync(
    config,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort} auth_user=${username}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
      'pool_mode = transaction',
      `default_pool_size = ${poolSize}`,
      // No connection is the same twice in a row, so that nobody gets by luck what an earlier transaction left on it.
      'server_round_robin = 1',
      ...(certificates === undefined ? [] : tls),
      '',
    ].join('\n'),
  );
  if (owner) [folder, users, config, key, certificate].forEach((path) => chownSync(path, owner.uid, owner.gid));
  const launch = () => spawn(program, [config], { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const bouncer = await startServer('PgBouncer', launch, 'process up', 'SIGKILL');
  return {
    url: `postgres://${username}@${certificates === undefined ? '127.0.0.1' : 'localhost'}:${port}/postgres`,
    halt: () => bouncer.end('SIGKILL'),
    resume: bouncer.start,
    async stop() {
      await bouncer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
