import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import { git, makeRepository } from './repository.js';

/** Makes a pair of keys: the private one in `file`, the public one beside it. Returns the public one as a line. */
export function makeKey(file: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

/** Repositories over SSH on loopback, for whoever has one key. It runs what git asks for, and nothing else. */
export class SshServer {
  /** The commands that were run. */
  readonly commands: string[] = [];
  private readonly server: ssh2.Server;
  private readonly connections = new Set<Connection>();
  private readonly hostKey: string;

  private constructor(
    private readonly folder: string,
    private readonly allowed: ParsedKey,
  ) {
    this.hostKey = makeKey(join(folder, 'host-key'));
    const hostKeys = [readFileSync(join(folder, 'host-key'))];
    this.server = new ssh2.Server({ hostKeys }, (connection) => this.welcome(connection));
  }

  /**
   * @param folder holds the repositories; it is made when it is missing
   * @param publicKey of the one who is let in
   */
  static async start(folder: string, publicKey: string): Promise<SshServer> {
    mkdirSync(folder, { recursive: true });
    const key = ssh2.utils.parseKey(publicKey);
    if (key instanceof Error) throw key;
    const made = new SshServer(folder, key);
    await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', () => resolve()));
    return made;
  }

  /** A line of `known_hosts`. */
  get knownHost(): string {
    return `[127.0.0.1]:${this.port} ${this.hostKey}\n`;
  }

  urlOf(name: string): string {
    return `ssh://git@127.0.0.1:${this.port}/${name}.git`;
  }

  /** The bare repository behind an address. */
  pathOf(name: string): string {
    return join(this.folder, `${name}.git`);
  }

  /** Makes a bare repository with one commit on `main`. Returns its address. */
  repository(name: string, files?: Record<string, string>): string {
    const source = makeRepository(join(this.folder, `${name}.source`), files);
    git(this.folder, 'clone', '-q', '--bare', source, this.pathOf(name));
    return this.urlOf(name);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) connection.end();
    await closed;
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private welcome(connection: Connection): void {
    this.connections.add(connection);
    connection
      .on('close', () => this.connections.delete(connection))
      // A client that hangs up is no news.
      .on('error', () => undefined)
      .on('authentication', (attempt) => (this.isAllowed(attempt) ? attempt.accept() : attempt.reject(['publickey'])))
      .on('session', (accept) => {
        accept().on('exec', (begin, refuse, { command }) => {
          const [, program, name = ''] = /^git-(upload|receive)-pack '\/([\w-]+)\.git'$/.exec(command) ?? [];
          if (program === undefined) return refuse();
          this.commands.push(command);
          serve(begin(), [`${program}-pack`, this.pathOf(name)]);
        });
      });
  }

  /** First it is asked whether a key would do, then it comes with a signature. */
  private isAllowed(attempt: AuthContext): boolean {
    if (attempt.method !== 'publickey') return false;
    const { key, signature, blob, hashAlgo } = attempt;
    if (!key.data.equals(this.allowed.getPublicSSH())) return false;
    if (signature === undefined || blob === undefined) return true;
    return this.allowed.verify(blob, signature, hashAlgo) === true;
  }
}

function serve(channel: ServerChannel, args: readonly string[]): void {
  const child = spawn('git', args, { env: { PATH: process.env.PATH ?? '' } });
  channel.pipe(child.stdin).on('error', () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
