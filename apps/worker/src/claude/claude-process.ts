// The only file of the worker that starts programs (git has its own runner). Claude Code and commands are started alike:
// no shell, an environment of their own, output straight into files.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** A program to start. */
export interface Program {
  /** Absolute path. */
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface StartOptions {
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Keep standard input open for messages; otherwise it is empty. */
  readonly input: boolean;
  /** A cgroup's `cgroup.procs`: the child enters it before it runs a line of its own. */
  readonly cgroupProcs: string | null;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The shell is `sh` with this fixed text; program and arguments are parameters and never parsed. */
const enterCgroup = 'echo $$ > "$0" 2>/dev/null; exec "$@"';

/** A started program, in a process group of its own. */
export class RunningProgram {
  /** Resolves when the program itself has ended, whatever it left behind. */
  readonly exited: Promise<ProgramExit>;
  private hasExited = false;

  constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.hasExited = true;
        resolve({ code, signal });
      });
    });
    // A child that ended does not read any more (EPIPE); how it ended is told by `exited`.
    child.stdin?.on('error', () => undefined);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Writes to standard input. Lost when the program has ended. */
  write(line: string): void {
    if (this.child.stdin?.writable) this.child.stdin.write(line);
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** Signals the whole process group. False when it is gone. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.hasExited || this.child.pid === undefined) return false;
    try {
      return process.kill(-this.child.pid, signal);
    } catch {
      return this.child.kill(signal);
    }
  }
}

/**
 * Starts a program in its own process group and session.
 *
 * @throws the system's error (ENOENT, EACCES, E2BIG …) when it cannot be started
 */
export async function startProgram(program: Program, options: StartOptions): Promise<RunningProgram> {
  const stdout = await open(options.stdoutFile, 'a', 0o600);
  const stderr = await open(options.stderrFile, 'a', 0o600);
  try {
    const [file, args] =
      options.cgroupProcs === null
        ? [program.path, program.args]
        : ['/bin/sh', ['-c', enterCgroup, options.cgroupProcs, program.path, ...program.args]];
    const child = spawn(file, args, {
      cwd: program.cwd,
      env: program.env,
      detached: true,
      stdio: [options.input ? 'pipe' : 'ignore', stdout.fd, stderr.fd],
    });
    const running = new RunningProgram(child);
    await once(child, 'spawn');
    return running;
  } finally {
    await stdout.close();
    await stderr.close();
  }
}

/** What a short program said. */
export interface ProgramAnswer extends ProgramExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a short program to its end, at most `timeoutMs`. Throws the system's error when it cannot be started. */
export async function runProgram(program: Program, timeoutMs: number): Promise<ProgramAnswer> {
  const child = spawn(program.path, program.args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, code, signal };
}
