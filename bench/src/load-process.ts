import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadPlan } from './load/plan.js';

const main = fileURLToPath(new URL('./load/main.ts', import.meta.url));

/** Half of the machine is for the load. */
const mostProcesses = Math.max(1, Math.floor(availableParallelism() / 2));

/** Processes that keep a queue busy and count what was done. */
export class Load {
  private constructor(private readonly children: readonly ChildProcess[]) {}

  static async start(plan: LoadPlan): Promise<Load> {
    const processes = Math.min(mostProcesses, plan.workers);
    const children = Array.from({ length: processes }, (_, n) => {
      const workers = Math.floor((plan.workers + n) / processes);
      // Not its environment: what serves the bench is nothing for a load.
      return fork(main, [JSON.stringify({ ...plan, workers })], { env: { PATH: process.env.PATH } });
    });
    await Promise.all(children.map(answer));
    return new Load(children);
  }

  get pids(): number[] {
    return this.children.map(({ pid }) => pid ?? -1);
  }

  private async done(): Promise<number> {
    const counts = this.children.map((child) => {
      child.send('count');
      return answer(child);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Pieces done and how long that took, after a warm-up; `look` is called at both ends. */
  async measure<T>(seconds: number, look: () => T): Promise<{ done: number; ms: number; before: T; after: T }> {
    await delay(warmUpMs);
    const before = look();
    const begin = performance.now();
    const first = await this.done();
    await delay(seconds * 1000);
    const last = await this.done();
    return { done: last - first, ms: performance.now() - begin, before, after: look() };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        const ended = once(child, 'exit');
        if (child.connected) child.send('stop');
        await ended;
      }),
    );
  }
}

/** The engine compiles, connections and caches fill. */
const warmUpMs = 3000;

async function answer(child: ChildProcess): Promise<number> {
  const said = once(child, 'message').then(([message]) => (message as { done: number }).done);
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a load process ended with ${code}`)));
  gone.catch(() => undefined);
  return Promise.race([said, gone]);
}
