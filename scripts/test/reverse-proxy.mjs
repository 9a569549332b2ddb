// nginx and Caddy before an orchestrator, with the files of deploy/proxy: only addresses and certificates are other ones.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../process.mjs';
import { freePort } from './free-port.mjs';
import { startServer } from './server-process.mjs';
import { systemProgram } from './system-packages.mjs';

/**
 * @typedef {object} Certificates PEM
 * @property {string} key
 * @property {string} certificate
 */
/** @typedef {{ url: string, stop: () => Promise<void> }} ReverseProxy */

/**
 * @param {'nginx' | 'caddy'} kind
 * @param {string} target the address of the orchestrator
 * @param {Certificates} certificates for localhost
 * @returns {Promise<ReverseProxy>}
 */
export async function startReverseProxy(kind, target, certificates) {
  const folder = mkdtempSync(join(tmpdir(), `corch-${kind}-`));
  const port = await freePort();
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(key, certificates.key, { mode: 0o600 });
  writeFileSync(certificate, certificates.certificate);
  const place = { folder, port, key, certificate, host: new URL(target).host };
  const { program, args, ready } = kind === 'nginx' ? await nginx(place) : await caddy(place);
  const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const launch = () => spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = await startServer(kind, launch, ready, 'SIGKILL');
  return {
    url: `https://localhost:${port}`,
    async stop() {
      // The master of nginx ends its workers when it is told to stop; Caddy would wait for streams that have no end.
      await server.end(kind === 'nginx' ? 'SIGTERM' : 'SIGKILL');
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @typedef {{ authority: string, stop: () => Promise<void> }} LocalCaddy `authority`: a file, PEM */

/**
 * Caddy as it stands on a server, for a name that is localhost: it is its own authority then, and makes the certificate by itself.
 * @param {string} caddyfile
 * @returns {Promise<LocalCaddy>}
 */
export async function startCaddy(caddyfile) {
  const folder = mkdtempSync(join(tmpdir(), 'corch-caddy-'));
  const program = await systemProgram('caddy', 'caddy', 'CADDY');
  const config = join(folder, 'Caddyfile');
  const options = ['admin off', 'auto_https disable_redirects', 'skip_install_trust', 'default_bind 127.0.0.1'];
  writeFileSync(config, `{\n\t${options.join('\n\t')}\n}\n${caddyfile}`);
  const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const args = ['run', '--config', config, '--adapter', 'caddyfile'];
  const launch = () => spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = await startServer('caddy', launch, 'serving initial configuration', 'SIGKILL');
  return {
    authority: join(folder, 'caddy/pki/authorities/local/root.crt'),
    async stop() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @typedef {{ folder: string, port: number, key: string, certificate: string, host: string }} Place */

/** @param {Place} place */
async function nginx({ folder, port, key, certificate, host }) {
  const program = await systemProgram('nginx', 'nginx-light', 'NGINX');
  const block = readFileSync(`${root}deploy/proxy/nginx.conf`, 'utf8')
    .replaceAll('127.0.0.1:4870', host)
    .replaceAll('corch.example.com', 'localhost')
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('/etc/ssl/corch.pem', certificate)
    .replace('/etc/ssl/corch.key', key);
  const config = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const logs = `access_log off; error_log stderr notice;`;
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr notice;\nevents {}\nhttp { ${logs} ${paths.join(' ')}\n${block}}\n`,
  );
  return { program, args: ['-p', folder, '-c', config, '-e', 'stderr'], ready: 'start worker process ' };
}

/** @param {Place} place */
async function caddy({ folder, port, key, certificate, host }) {
  const program = await systemProgram('caddy', 'caddy', 'CADDY');
  const block = readFileSync(`${root}deploy/proxy/Caddyfile`, 'utf8')
    .replaceAll('127.0.0.1:4870', host)
    .replace('corch.example.com {', `https://localhost:${port} {\n\ttls ${certificate} ${key}`);
  const config = join(folder, 'Caddyfile');
  writeFileSync(config, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${block}`);
  return {
    program,
    args: ['run', '--config', config, '--adapter', 'caddyfile'],
    ready: 'serving initial configuration',
  };
}
