import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait-for.js';

/** What a program said over IPC; `type` is `ready`, `failed` … */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  /** The whole environment of the program; nothing is inherited. */
  readonly env: Record<string, string>;
  readonly cwd?: string;
  /** What starts it in another place, such as a network of its own; it takes the command behind it. */
  readonly within?: readonly string[];
  /** What Node is told before the program. */
  readonly nodeArgs?: readonly string[];
  /** What its standard input holds; nothing when absent. */
  readonly input?: string;
}

/** How a program ended, with everything it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of the product's programs as a process in a group of its own, with an IPC channel. */
export class Program {
  stdout = '';
  stderr = '';
  readonly messages: Message[] = [];
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  constructor(
    readonly main: string,
    options: ProgramOptions,
  ) {
    const command = [
      ...(options.within ?? []),
      process.execPath,
      ...(options.nodeArgs ?? []),
      main,
      ...(options.args ?? []),
    ];
    this.child = spawn(command[0] ?? '', command.slice(1), {
      env: options.env,
      cwd: options.cwd,
      detached: true,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdin?.end(options.input);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.on('message', (message) => this.messages.push(message as Message));
    this.ended = once(this.child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The `ready` message; throws with the log when the program ends or says `failed` before. */
  async ready(): Promise<Message> {
    for (;;) {
      const message = this.messages.find(({ type }) => type === 'ready' || type === 'failed');
      if (message?.type === 'ready') return message;
      if (message !== undefined) throw new Error(`the program failed to start: ${JSON.stringify(message)}`);
      if (!this.isRunning) throw new Error(`the program ended before it was ready:\n${this.stderr || this.stdout}`);
      await Promise.race([once(this.child, 'message'), this.ended]);
    }
  }

  /** Waits until its log holds `text`. */
  async logged(text: string): Promise<void> {
    await waitFor(`"${text}" in the log`, () => this.stderr.includes(text)).catch((error: unknown) => {
      throw new Error(`the log never said "${text}":\n${this.stderr.slice(-4000)}`, { cause: error });
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(signal);
  }

  /** Asks for a clean stop and waits for it; a program that is still there after 15 s is killed and that is an error. */
  async stop(): Promise<Ended> {
    if (this.isRunning && this.child.connected) this.child.send({ type: 'stop' }, () => undefined);
    else this.kill('SIGTERM');
    let overdue = false;
    const limit = setTimeout(() => {
      overdue = true;
      this.kill('SIGKILL');
    }, 15_000);
    const ended = await this.ended;
    clearTimeout(limit);
    if (overdue) throw new Error(`the program did not stop within 15 s:\n${this.stderr.slice(-4000)}`);
    return ended;
  }
}
