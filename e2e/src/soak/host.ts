import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../program.js';
import { HalfOpenProxy } from '../half-open-proxy.js';
import type { Stack } from '../stack.js';
import { markedProcesses, type MarkedProcess } from './marked-processes.js';

export interface HostOptions {
  /** Where it finds the orchestrators. */
  readonly url: string;
  readonly concurrency: number;
  readonly lostAfterSeconds: number;
  /** After SIGTERM its runs may go on so long; then they are handed back. */
  readonly drainGraceSeconds: number;
  /** What Node is told before each worker. */
  readonly nodeArgs: readonly string[];
}

/** A machine as the soak sees it: a worker with a folder, a name and a connection of its own. */
export class Host {
  /** A fault is at work on it; one at a time. */
  isBusy = false;
  /** Since when it could know everything: it runs, is not frozen and is connected. Null while it could not. */
  awakeSince: number | null = null;
  isGone = false;
  private program: Program | undefined;
  readonly folder: string;

  private constructor(
    readonly name: string,
    private readonly stack: Stack,
    private readonly line: HalfOpenProxy,
    private readonly options: HostOptions,
    /** Signed in with a plan, which has limits, and not with a key. */
    private readonly isSubscription: boolean,
  ) {
    this.folder = join(stack.folder, name);
  }

  static async open(name: string, stack: Stack, options: HostOptions, isSubscription: boolean): Promise<Host> {
    return new Host(name, stack, await HalfOpenProxy.open(options.url), options, isSubscription);
  }

  get pid(): number | null {
    return this.program?.isRunning === true ? this.program.pid : null;
  }

  /** What its runs started and what still lives. */
  processes(): MarkedProcess[] {
    return markedProcesses(this.folder);
  }

  /** Starts the worker; resolves when the process runs, long before it has registered. */
  start(enrolToken?: string): void {
    if (this.isGone) return;
    const { concurrency, lostAfterSeconds, drainGraceSeconds, nodeArgs } = this.options;
    const { isSubscription } = this;
    const args = ['--name', this.name, '--concurrency', String(concurrency), '--lost-after', String(lostAfterSeconds)];
    const program = this.stack.spawnWorker({
      folder: this.folder,
      args,
      url: this.line.url,
      nodeArgs,
      env: {
        TMPDIR: this.folder,
        WORKER_DRAIN_GRACE_SECONDS: String(drainGraceSeconds),
        ...(isSubscription && { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat-opens-nothing' }),
        ...(enrolToken === undefined ? {} : { WORKER_ENROL_TOKEN: enrolToken }),
      },
    });
    this.program = program;
    program.ready().then(
      () => this.wake(program),
      () => undefined,
    );
  }

  /** Waits until the worker has registered. */
  async ready(): Promise<void> {
    await this.program?.ready();
  }

  async kill(): Promise<void> {
    this.awakeSince = null;
    this.program?.kill('SIGKILL');
    await this.program?.ended;
  }

  /** The whole machine is gone: the worker and everything it had started. */
  async vanish(): Promise<void> {
    this.isGone = true;
    await this.kill();
    await endAll(() => this.processes());
    this.line.refuse();
    await this.line.close();
  }

  /** Asks the worker to stop as a service manager would; after `patienceMs` it is killed, and that is told. */
  async drain(patienceMs: number): Promise<'ended' | 'killed'> {
    this.awakeSince = null;
    const { program } = this;
    if (program === undefined) return 'ended';
    program.kill('SIGTERM');
    const ended = await Promise.race([program.ended.then(() => true), delay(patienceMs, false, { ref: false })]);
    if (ended) return 'ended';
    await this.kill();
    return 'killed';
  }

  freeze(): void {
    this.awakeSince = null;
    this.program?.kill('SIGSTOP');
  }

  thaw(): void {
    this.program?.kill('SIGCONT');
    this.wake(this.program);
  }

  /** Breaks the connection in the way that `how` does it to the line. */
  disconnect(how: (line: HalfOpenProxy) => void): void {
    this.awakeSince = null;
    how(this.line);
  }

  connect(): void {
    this.line.pass();
    this.wake(this.program);
  }

  /** Ends everything at once, whatever state it is in. */
  async end(): Promise<void> {
    this.thaw();
    if (!this.isGone) await this.vanish();
  }

  private wake(program: Program | undefined): void {
    if (program === this.program && program?.isRunning === true) this.awakeSince = Date.now();
  }
}

/** SIGKILL for what `list` finds, until it finds nothing. */
export async function endAll(list: () => readonly { pid: number }[]): Promise<void> {
  for (let found = list(); found.length > 0; found = list()) {
    for (const { pid } of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went by itself.
      }
    }
    await delay(20);
  }
}
