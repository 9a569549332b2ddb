import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** What a program says over IPC: `ready`, `failed` … */
export interface ChildMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** How a program ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly args: readonly string[];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Gets what it prints. */
  readonly log: Writable;
}

/** A program did not start. Its own words when it found any. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';

  constructor(
    message: string,
    readonly code: string | undefined,
    readonly hint: string | undefined,
  ) {
    super(message);
  }
}

/** A database that is brought up to date may take its time. */
const startLimitMs = 120_000;
const stopLimitMs = 10_000;
const termLimitMs = 3_000;

/**
 * A program of this product as a child in a process group of its own, so that a terminal's Ctrl-C does not reach it and only
 * `stop` ends it. Should this process be killed, the child notices that its IPC channel is gone, and stops by itself.
 */
export class ChildProgram {
  readonly exited: Promise<ChildExit>;
  private readonly child: ChildProcess;
  private readonly messages: ChildMessage[] = [];

  constructor(file: string, options: ChildOptions) {
    this.child = spawn(process.execPath, [file, ...options.args], {
      env: options.environment,
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.pipe(options.log, { end: false });
    this.child.stderr?.pipe(options.log, { end: false });
    this.child.on('message', (message) => {
      if (isMessage(message)) this.messages.push(message);
    });
    // 'error' comes instead of 'exit' when there is no process at all.
    this.exited = once(this.child, 'exit').then(
      ([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }),
      () => ({ code: 1, signal: null }),
    );
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  /** Its `ready` message. @throws {ChildFailure} when it says that it failed, or ends */
  async ready(): Promise<ChildMessage> {
    const limit = AbortSignal.timeout(startLimitMs);
    for (;;) {
      const said = this.messages.find(({ type }) => type === 'ready' || type === 'failed');
      if (said?.type === 'ready') return said;
      if (said !== undefined) {
        throw new ChildFailure(text(said['message']) ?? 'It did not start.', text(said['code']), text(said['hint']));
      }
      if (!this.isRunning && this.child.pid !== undefined && this.child.connected) {
        // Its last words may still be on their way.
        await once(this.child, 'disconnect');
        continue;
      }
      if (!this.isRunning) throw new ChildFailure('It ended before it was ready.', undefined, undefined);
      await Promise.race([once(this.child, 'message', { signal: limit }), this.exited]).catch(() => {
        throw new ChildFailure(`It was not ready after ${startLimitMs / 1000} s.`, undefined, undefined);
      });
    }
  }

  /** Asks it once to stop; a program that does not is terminated after 10 s, and killed 3 s later. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    if (this.child.connected) this.child.send({ type: 'stop' }, () => undefined);
    else this.child.kill('SIGTERM');
    if (await this.exitsWithin(stopLimitMs)) return;
    this.child.kill('SIGTERM');
    if (await this.exitsWithin(termLimitMs)) return;
    this.kill();
    await this.exited;
  }

  /** Ends it at once. */
  kill(): void {
    if (this.isRunning) this.child.kill('SIGKILL');
  }

  private async exitsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
    const ended = await Promise.race([this.exited.then(() => true), limit]);
    clearTimeout(timer);
    return ended;
  }
}

function isMessage(value: unknown): value is ChildMessage {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
