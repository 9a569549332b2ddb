import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, Report } from './load/plan.js';

const main = fileURLToPath(new URL('./load/main.ts', import.meta.url));

/** Half of the machine is for the load. */
const mostProcesses = Math.max(1, Math.floor(availableParallelism() / 2));

/** The engine compiles, connections and caches fill. */
const warmUpMs = 3000;

/** What was done in a stretch of time. */
export interface Measured<T> {
  readonly done: number;
  readonly perSecond: number;
  readonly ms: number;
  readonly delays: readonly number[];
  /** What was seen at both ends. */
  readonly before: T;
  readonly after: T;
}

/** Processes that load a server and count. */
export class Load {
  private constructor(private readonly children: readonly ChildProcess[]) {}

  /** Starts one and resolves when it is at work. */
  static async start(plan: LoadPlan): Promise<Load> {
    const processes = Math.min(mostProcesses, plan.workers);
    const children = Array.from({ length: processes }, (_, n) => {
      const workers = Math.floor((plan.workers + n) / processes);
      const part = plan.kind === 'pace' ? { perSecond: plan.perSecond / processes } : {};
      return fork(main, [JSON.stringify({ ...plan, workers, ...part })], { env: { PATH: process.env.PATH } });
    });
    await Promise.all(children.map(answer));
    return new Load(children);
  }

  get pids(): number[] {
    return this.children.map(({ pid }) => pid ?? -1);
  }

  /** What is done in so many seconds after a warm-up; `look` is called at both ends. */
  async measure<T>(seconds: number, look: () => T | Promise<T>): Promise<Measured<T>> {
    await delay(warmUpMs);
    const before = await look();
    const first = await this.report();
    const begin = performance.now();
    await delay(seconds * 1000);
    const last = await this.report();
    const ms = performance.now() - begin;
    const done = last.done - first.done;
    return { done, perSecond: done / (ms / 1000), ms, delays: last.delays, before, after: await look() };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        const ended = once(child, 'exit');
        if (child.connected) child.send('stop');
        if (child.exitCode === null) await ended;
      }),
    );
  }

  private async report(): Promise<Report> {
    const reports = await Promise.all(
      this.children.map((child) => {
        child.send('report');
        return answer(child);
      }),
    );
    return { done: reports.reduce((sum, { done }) => sum + done, 0), delays: reports.flatMap(({ delays }) => delays) };
  }
}

/** Starts a load, measures, and ends it. */
export async function measureLoad<T>(
  plan: LoadPlan,
  seconds: number,
  look: (load: Load) => T | Promise<T>,
): Promise<Measured<T>> {
  const load = await Load.start(plan);
  try {
    return await load.measure(seconds, () => look(load));
  } finally {
    await load.stop();
  }
}

async function answer(child: ChildProcess): Promise<Report> {
  const said = once(child, 'message').then(([message]) => message as Report);
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a load process ended with ${code}`)));
  gone.catch(() => undefined);
  return Promise.race([said, gone]);
}
