// Runs git: never through a shell, never asking, never running a hook, never with a transport that runs programs.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import type { Environment } from '../config.js';
import { codeOf } from '../error-facts.js';

/** How git ended and what it said. */
export interface GitAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** git is not there or cannot be started. */
export class GitMissingError extends Error {
  override readonly name = 'GitMissingError';
}

export interface GitOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Put over the environment of {@link Git}. */
  readonly env?: Record<string, string>;
  /** Write standard output here instead of returning it. */
  readonly stdoutFile?: string;
  /** Or give it to this. */
  readonly sink?: Writable;
}

/** Settings for every call; they win over all configuration files. */
const hardening = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'protocol.ext.allow=never',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=120',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.detachedHead=false',
  'init.defaultBranch=main',
  'core.quotePath=false',
].flatMap((setting) => ['-c', setting]);

/** What git may see of the worker's environment: its user's configuration, keys and proxies. */
const passed = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_CONFIG_GLOBAL',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
];

/** A git that was told to stop removes its lock files and ends its helpers first. */
const killAfterMs = 5000;
/** What it had started may hold its output for so long. */
const closeMs = 2000;

/** A host key or passphrase that would be asked for is an error instead, and so is a server that falls silent. */
const ownSsh = 'ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4';

/** git with the environment of the worker's user. */
export class Git {
  private readonly env: Record<string, string>;
  /** With what the user's configuration says about SSH; read once. */
  private wholeEnv: Promise<Record<string, string>> | undefined;

  constructor(environment: Environment) {
    const values = passed.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    this.env = {
      ...Object.fromEntries(values),
      GIT_TERMINAL_PROMPT: '0',
      // No program that a repository or an address names by another word (`ext::`, `fd::`).
      GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
      LC_ALL: 'C.UTF-8',
      GIT_OPTIONAL_LOCKS: '0',
      // What a repository does not have is not fetched from where its configuration says, by a program that it names.
      GIT_NO_LAZY_FETCH: '1',
    };
  }

  /**
   * Runs one command to its end, whatever its exit code.
   *
   * @throws GitMissingError when there is no git, and the abort reason of the signal
   */
  async run(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
    this.wholeEnv ??= this.withSsh();
    return this.start(args, options, await this.wholeEnv);
  }

  /** A variable counts before every configuration, so that no repository has a say: it is that of the user, or ours. */
  private async withSsh(): Promise<Record<string, string>> {
    const { GIT_SSH_COMMAND: command, GIT_SSH: program } = this.env;
    if (command !== undefined) return this.env;
    const nowhere = { cwd: '/', env: { GIT_DIR: '/dev/null' } };
    const asked = this.start(['config', '--includes', '--get', 'core.sshCommand'], nowhere, this.env);
    const configured = (await asked.catch(() => null))?.stdout.trim() ?? '';
    const otherwise = program === undefined ? ownSsh : `'${program.replaceAll("'", String.raw`'\''`)}'`;
    return { ...this.env, GIT_SSH_COMMAND: configured === '' ? otherwise : configured };
  }

  private async start(args: readonly string[], options: GitOptions, env: Record<string, string>): Promise<GitAnswer> {
    const { signal } = options;
    signal?.throwIfAborted();
    const child = spawn('git', [...hardening, ...args], {
      cwd: options.cwd,
      env: { ...env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => endGit(child);
    signal?.addEventListener('abort', stop, { once: true });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    });
    const { stdoutFile } = options;
    const sink = stdoutFile === undefined ? options.sink : createWriteStream(stdoutFile, { mode: 0o600 });
    const output = sink === undefined ? text(child.stdout) : pipeline(child.stdout, sink).then(() => '');
    try {
      const [code, stdout, stderr] = await Promise.all([ended, output, text(child.stderr)]);
      // Whoever stops git may count on it that nothing of it is at work any more.
      signal?.throwIfAborted();
      return { code, stdout, stderr };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (codeOf(error) === 'ENOENT') {
        throw new GitMissingError('git was not found on the PATH of the worker', { cause: error });
      }
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Runs one command and returns what it printed, without the last line break; null when it failed. */
  async ask(args: readonly string[], options: GitOptions): Promise<string | null> {
    const answer = await this.run(args, options);
    return answer.code === 0 ? answer.stdout.trimEnd() : null;
  }
}

/** Asks git to end, then insists. */
function endGit(child: ChildProcessByStdio<null, Readable, Readable>): void {
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  child.once('exit', () => {
    clearTimeout(insist);
    const cut = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), closeMs);
    child.once('close', () => clearTimeout(cut));
  });
}
