// Runs git: never through a shell, never asking, never running a hook, never with a transport that runs programs.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
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
}

/** Settings for every call; they win over all configuration files. */
const hardening = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'protocol.ext.allow=never',
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

/** git with the environment of the worker's user. */
export class Git {
  private readonly env: Record<string, string>;

  constructor(environment: Environment) {
    const values = passed.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    this.env = {
      // A host key or passphrase that would be asked for is an error instead.
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
      ...Object.fromEntries(values),
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C.UTF-8',
      GIT_OPTIONAL_LOCKS: '0',
    };
  }

  /**
   * Runs one command to its end, whatever its exit code.
   *
   * @throws GitMissingError when there is no git, and the abort reason of the signal
   */
  async run(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
    const child = spawn('git', [...hardening, ...args], {
      cwd: options.cwd,
      env: { ...this.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      killSignal: 'SIGTERM',
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    });
    const output =
      options.stdoutFile === undefined
        ? text(child.stdout)
        : pipeline(child.stdout, createWriteStream(options.stdoutFile, { mode: 0o600 })).then(() => '');
    try {
      const [code, stdout, stderr] = await Promise.all([ended, output, text(child.stderr)]);
      return { code, stdout, stderr };
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (codeOf(error) === 'ENOENT') {
        throw new GitMissingError('git was not found on the PATH of the worker', { cause: error });
      }
      throw error;
    }
  }

  /** Runs one command and returns what it printed, without the last line break; null when it failed. */
  async ask(args: readonly string[], options: GitOptions): Promise<string | null> {
    const answer = await this.run(args, options);
    return answer.code === 0 ? answer.stdout.trimEnd() : null;
  }
}
