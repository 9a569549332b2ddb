import { setTimeout as pause } from 'node:timers/promises';
import type { ChildExit, ChildProgram } from '../programs/child-program.js';
import { afterDeath } from './restart-rules.js';

export interface SupervisorOptions {
  /** What people call the program. */
  readonly name: string;
  /** Starts it; resolves when it is ready. */
  readonly start: (own: (child: ChildProgram) => void) => Promise<void>;
  readonly say: (text: string) => void;
  readonly logFile: string;
}

/** Keeps one program running: when it ends unasked it is started again, with growing pauses, until that makes no sense. */
export class Supervisor {
  private child: ChildProgram | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly options: SupervisorOptions) {}

  /** Starts it the first time. @throws what `start` throws; nothing is tried again then */
  async start(): Promise<void> {
    await this.options.start((child) => this.adopt(child));
  }

  /** Watches over it after `start`. Resolves when it is over: `stopped` as asked, `ended` by its own will, or `given_up`. */
  async keep(): Promise<'stopped' | 'ended' | 'given_up'> {
    const { name, say, start, logFile } = this.options;
    let quickDeaths = 0;
    let startedAt = Date.now();
    for (;;) {
      const exit = await this.child?.exited;
      if (this.stopping.signal.aborted) return 'stopped';
      if (exit?.code === 0) {
        say(`The ${name} stopped by itself.`);
        return 'ended';
      }
      const next = afterDeath(Date.now() - startedAt, quickDeaths);
      if (next.action === 'give_up') {
        say(`The ${name} keeps ending (${exitText(exit)}); it is not started again. Its log: ${logFile}`);
        return 'given_up';
      }
      say(
        `The ${name} ended unexpectedly (${exitText(exit)}); starting it again in ${next.delayMs / 1000} s. Its log: ${logFile}`,
      );
      quickDeaths = next.quickDeaths;
      await pause(next.delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return 'stopped';
      startedAt = Date.now();
      try {
        await start((child) => this.adopt(child));
        say(`The ${name} is back.`);
      } catch (error) {
        say(`The ${name} did not start: ${error instanceof Error ? error.message : String(error)}`);
        await this.child?.stop();
      }
    }
  }

  /** Passes the one stop on and waits for the end. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.child?.stop();
  }

  kill(): void {
    this.stopping.abort();
    this.child?.kill();
  }

  private adopt(child: ChildProgram): void {
    this.child = child;
    if (this.stopping.signal.aborted) void child.stop();
  }
}

function exitText(exit: ChildExit | undefined): string {
  if (exit === undefined) return 'it could not be started';
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
