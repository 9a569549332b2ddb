// The only file of the worker that starts programs (git has its own runner). Claude Code and commands are started alike:
// no shell, an environment of their own, output straight into files.
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
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
  /** How the child gets into what holds its run together; null for a child on its own. */
  readonly entry: Entry | null;
}

/** How a child gets into what holds it, before it runs a line of its own. */
export interface Entry {
  /** The program that is started in place of the child's own, and becomes it or waits for it. */
  readonly wrap: (program: Program) => Program;
  /** The process group that gets the child's signals, from the id of what was started. */
  readonly groupOf: (pid: number) => number;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started program, in a process group of its own. */
export class RunningProgram {
  /** Resolves when the program itself has ended, whatever it left behind. */
  readonly exited: Promise<ProgramExit>;
  private hasExited = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly groupOf: (pid: number) => number = (pid) => pid,
  ) {
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
      return process.kill(-this.groupOf(this.child.pid), signal);
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
    const { entry } = options;
    const { path, args, cwd, env } = entry === null ? program : entry.wrap(program);
    const child = spawn(path, args, {
      cwd,
      env,
      detached: true,
      stdio: [options.input ? 'pipe' : 'ignore', stdout.fd, stderr.fd],
    });
    const running = new RunningProgram(child, entry?.groupOf);
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

/**
 * A small program beside the worker. Its standard input is a pipe that only the worker holds, so it notices when the worker
 * has ended, however that came. In a session of its own, so that no signal for the worker's group ends it first.
 */
export class Companion {
  readonly exited: Promise<ProgramExit>;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  /** @throws the system's error when it cannot be started */
  static async start(program: Program): Promise<Companion> {
    const { path, args, cwd, env } = program;
    const child = spawn(path, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const companion = new Companion(child);
    await once(child, 'spawn');
    return companion;
  }

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      this.errors = (this.errors + part).slice(-maxErrorChars);
    });
    this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The end of what it said on standard error. */
  get stderr(): string {
    return this.errors.trim();
  }

  /** The next line of its output; null when there is none any more: it has ended, and whoever else could write there. */
  async line(): Promise<string | null> {
    const next = await this.lines.next();
    return next.done === true ? null : next.value;
  }

  /** Writes a line and closes its input; its end will be waited for. */
  endInput(line: string): void {
    this.child.ref();
    this.child.stdin.end(`${line}\n`);
  }

  /** Lets the worker end though this one still runs. */
  release(): void {
    this.child.unref();
    for (const stream of this.child.stdio) if (stream instanceof Socket) stream.unref();
  }

  /** SIGKILL; its end will be waited for. */
  kill(): void {
    this.child.ref();
    this.child.kill('SIGKILL');
  }

  /** SIGKILL also for everything in its process group. */
  killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // All gone.
    }
  }
}

const maxErrorChars = 1000;
