import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, type SubmitTask, type TaskDetail } from '@corch/contract';
import { ApiError, type Client, type RetryPolicy } from '@corch/contract/client';
import type { Asked } from './balance.js';
import type { Random } from './random.js';

/** Whoever submits keeps asking while the orchestrator is away. */
export const steadfast: RetryPolicy = { attempts: Infinity, delayMs: 200, maxDelayMs: 1000 };
/** How often the open tasks are looked at. */
const lookMs = 1000;
/** Of the tasks, so many are cancelled at some moment … */
const cancelled = 0.08;
/** … within so many milliseconds after they were accepted. */
const cancelWithinMs = 8000;
/** Of the tasks that have ended, so many are asked for once more. */
const retried = 0.05;

/** A task, and whether its work ends with an error by itself. */
export interface Work {
  readonly task: SubmitTask;
  readonly fails: boolean;
}

interface Accepted extends Asked {
  retriesAsked: number;
}

export interface LoadOptions {
  /** Tasks that are open at the same time, about. */
  readonly open: number;
  readonly client: Client;
  readonly random: Random;
  readonly next: (random: Random) => Work;
}

/** Submits, cancels and retries; remembers what was accepted. */
export class Load {
  /** Every task that was answered with 202. */
  readonly accepted = new Map<string, Accepted>();
  /** Of these, the ones that have not ended when they were last looked at. */
  readonly open = new Set<string>();
  private readonly stopping = new AbortController();
  private readonly jobs = new Set<Promise<void>>();
  private failure: unknown;
  private isLooking = false;

  constructor(private readonly options: LoadOptions) {}

  /** Keeps the load steady until {@link stop}. */
  async run(): Promise<void> {
    const { open, random } = this.options;
    while (!this.stopping.signal.aborted) {
      if (this.open.size < open) this.job(() => this.submit());
      if (!this.isLooking) this.job(() => this.lookSoon());
      await this.pause(random.between(100, 900));
    }
    await Promise.all(this.jobs);
    if (this.failure !== undefined) throw new Error('the load broke off', { cause: this.failure });
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Cancels about half of what is open, all at once. */
  async cancelStorm(): Promise<void> {
    const { random } = this.options;
    await Promise.all([...this.open].filter(() => random.isHit(0.5)).map((taskId) => this.cancel(taskId)));
  }

  /** Takes one open task from whatever works on it, as a person does who has lost patience. */
  async release(): Promise<void> {
    const { client, random } = this.options;
    if (this.open.size === 0) return;
    const taskId = random.pick([...this.open]);
    try {
      await client.releaseTask({ params: { taskId }, body: { force: true }, retry: steadfast });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'task_not_running') throw error;
    }
  }

  /** Forgets the open tasks that have ended. */
  async look(): Promise<void> {
    const { client, random } = this.options;
    for (const taskId of [...this.open]) {
      const task = await client.readTask({ params: { taskId }, retry: steadfast });
      if (!isFinal(task.status)) continue;
      this.open.delete(taskId);
      if (!this.stopping.signal.aborted && random.isHit(retried)) this.job(() => this.retry(task));
    }
  }

  private async lookSoon(): Promise<void> {
    this.isLooking = true;
    await this.pause(lookMs);
    await this.look();
    this.isLooking = false;
  }

  private async submit(): Promise<void> {
    const { client, random, next } = this.options;
    const { task: body, fails } = next(random);
    const cancelsAfterMs = random.isHit(cancelled) ? random.between(0, cancelWithinMs) : null;
    // The same key until it is answered: a lost answer must not become a second task.
    const { id } = await client.submitTask({ body, idempotencyKey: randomUUID(), retry: steadfast });
    const { executor = 'claude', concurrencyKey, concurrencyLimit } = body;
    this.accepted.set(id, { executor, concurrencyKey, concurrencyLimit, fails, retriesAsked: 0 });
    this.open.add(id);
    if (cancelsAfterMs === null) return;
    await this.pause(cancelsAfterMs);
    await this.cancel(id);
  }

  private async cancel(taskId: string): Promise<void> {
    try {
      await this.options.client.cancelTask({ params: { taskId }, retry: steadfast });
    } catch (error) {
      // It ended before.
      if (!(error instanceof ApiError) || error.code !== 'task_not_cancellable') throw error;
    }
  }

  private async retry({ id: taskId }: TaskDetail): Promise<void> {
    const accepted = this.accepted.get(taskId);
    if (accepted === undefined) return;
    accepted.retriesAsked++;
    this.open.add(taskId);
    await this.options.client.retryTask({ params: { taskId }, idempotencyKey: randomUUID(), retry: steadfast });
  }

  private job(work: () => Promise<void>): void {
    const job = work()
      .catch((error: unknown) => {
        this.failure ??= error;
        this.stop();
      })
      .finally(() => this.jobs.delete(job));
    this.jobs.add(job);
  }

  private pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
