import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { systemProgram } from '../../scripts/test/system-packages.mjs';
import { waitFor } from './wait-for.js';

/** The agent of OpenSSH with one key, as a person has it. */
export class SshAgent {
  private constructor(
    /** What `SSH_AUTH_SOCK` is to say. */
    readonly socket: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param socket a short path: those of sockets end at 108 characters */
  static async start(socket: string, keyFile: string): Promise<SshAgent> {
    const program = await systemProgram('ssh-agent', 'openssh-client', 'SSH_AGENT');
    const child = spawn(program, ['-D', '-a', socket], { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
    await waitFor('the agent', () => existsSync(socket));
    const env = { PATH: process.env.PATH ?? '', SSH_AUTH_SOCK: socket };
    execFileSync('ssh-add', ['-q', keyFile], { env, stdio: 'pipe' });
    return new SshAgent(socket, child);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
