// BullMQ's part of one pool: a queue of work tokens, one per run that waits. "Job" is BullMQ's word for a token.
import { randomUUID } from 'node:crypto';
import { queueName, type WorkToken } from '@corch/contract';
import { Worker, type Job, type JobsOptions, type Queue } from 'bullmq';
import type { Logger } from '../common/logger.js';
import { openQueue } from '../redis/open-queue.js';
import type { RedisLink } from '../redis/redis-link.js';
import type { Announcement } from './run-queue.js';
import type { WaitingClaims } from './waiting-claims.js';

type Token = Job<Partial<WorkToken>>;

/** BullMQ takes the smallest number first, below 2^21; tasks may say ±1,000,000. */
const midPriority = 2 ** 20;
const lowestPriority = 2 ** 21 - 1;
/** Each holds no more than ids; an end is worth nothing. */
const common = { attempts: 1, removeOnComplete: true, removeOnFail: true } satisfies JobsOptions;
/** After something that Redis or BullMQ could not do. */
const pauseMs = 1_000;

/**
 * The id of a run's token: one per wait, so that announcing it again adds nothing; a timer is another token, or the run could not be
 * announced before its time. BullMQ allows no colon in it.
 */
function tokenId({ runId, epoch }: Pick<Announcement, 'runId' | 'epoch'>, delayMs = 0): string {
  return delayMs > 0 ? `${runId}-${epoch}-later` : `${runId}-${epoch}`;
}

/** Whatever it is, it must not keep the tokens that are added with it from being taken. */
function priorityOf({ priority }: Announcement): number {
  return Math.min(Math.max(1, midPriority - priority), lowestPriority);
}

export class PoolTokens {
  private readonly queue: Queue;
  private worker: Worker | undefined;
  /** Ends what is fetched by the worker. */
  private giveUp: () => void = () => undefined;
  private givenUp = new Promise<undefined>(() => undefined);
  private fetching: Promise<void> | undefined;
  private readonly inHand = new Set<string>();
  private isClosed = false;

  constructor(
    private readonly pool: string,
    private readonly link: RedisLink,
    private readonly claims: WaitingClaims,
    /** Runs that claims of this process are being told of: such a token wakes nobody else. */
    private readonly here: ReadonlyMap<string, Promise<boolean>>,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {
    this.queue = openQueue(link, queueName(pool));
  }

  /** @throws Error when Redis does not take them. */
  async add(runs: readonly Announcement[]): Promise<void> {
    await this.queue.addBulk(
      runs.map((run) => {
        const delay = Math.max(0, run.readyAt - this.now());
        const opts = { ...common, jobId: tokenId(run, delay), priority: priorityOf(run), delay };
        return { name: 'run', data: { runId: run.runId }, opts };
      }),
    );
  }

  /** A sign without a run. Several at once are one. */
  async addWake(): Promise<void> {
    await this.queue.add('wake', {}, { ...common, jobId: 'wake', priority: 1 });
  }

  /** Removes the token of a run that waits no more; one that is in hand is finished by whoever has it. */
  async remove(run: Pick<Announcement, 'runId' | 'epoch'>): Promise<void> {
    const id = tokenId(run);
    if (!this.inHand.has(id)) await this.queue.remove(id);
  }

  /** Removes the token of a run and its timer; those in hand are finished by whoever has them. */
  async withdraw(run: Pick<Announcement, 'runId' | 'epoch'>): Promise<void> {
    await Promise.all([tokenId(run), tokenId(run, 1)].map((id) => this.queue.remove(id)));
  }

  counts(): Promise<Record<string, number>> {
    return this.queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
  }

  /** Fetches tokens as long as claims of this process wait for them. */
  fetch(): void {
    if (this.isClosed || this.claims.idle(this.pool) === 0) return;
    this.fetching ??= this.fetchAll().finally(() => {
      this.fetching = undefined;
      this.fetch();
    });
  }

  /** With new connections: those of before may be deaf. */
  async restart(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.giveUp();
    await worker?.close(true).catch(() => undefined);
    this.fetch();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.giveUp();
    await this.worker?.close(true).catch(() => undefined);
    await this.fetching;
    await this.queue.close().catch(() => undefined);
  }

  private async fetchAll(): Promise<void> {
    while (!this.isClosed && this.claims.idle(this.pool) > 0) {
      const worker = this.openWorker();
      const lock = randomUUID();
      try {
        const fetched = worker.getNextJob(lock, { block: true }) as Promise<Token | undefined>;
        // It may never be answered: ioredis drops what waits when it is closed between two attempts to connect.
        const token = await Promise.race([fetched, this.givenUp]);
        if (token !== undefined) await this.take(token, lock);
      } catch (error) {
        if (this.isClosed || worker !== this.worker) continue;
        this.logger.debug('no token fetched', { pool: this.pool, error });
        await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  }

  /** The claims that it was fetched for may have gone meanwhile; then another orchestrator shall have it. */
  private async take(token: Token, lock: string): Promise<void> {
    const here = this.here.get(token.data.runId ?? '');
    if (here === undefined && this.claims.idle(this.pool) === 0) {
      await token.moveToWait(lock);
      // BullMQ tells those who wait of no token with a priority that comes back, but of one whose priority is set.
      await token.changePriority({ priority: token.priority });
      return;
    }
    void this.offer(token, lock, here);
  }

  /** Offers what the token stands for, and finishes it when that is answered. */
  private async offer(token: Token, lock: string, here?: Promise<boolean>): Promise<void> {
    const id = token.id ?? '';
    this.inHand.add(id);
    try {
      await (here ?? (token.name === 'wake' ? this.claims.offerAll(this.pool) : this.claims.offer(this.pool)));
      await token.moveToCompleted(null, lock, false);
    } catch {
      // Its claim has removed it, or Redis is away: then it is put back after its lock, and wakes somebody in vain.
    } finally {
      this.inHand.delete(id);
    }
  }

  private openWorker(): Worker {
    if (this.worker !== undefined) return this.worker;
    const options = {
      connection: this.link.fetching,
      prefix: this.link.prefix,
      autorun: false,
    };
    const worker = new Worker(queueName(this.pool), null, options);
    worker.on('error', () => undefined);
    this.givenUp = new Promise((resolve) => (this.giveUp = () => resolve(undefined)));
    // Tokens of an orchestrator that died with them in hand come back.
    worker.startStalledCheckTimer().catch(() => undefined);
    return (this.worker = worker);
  }
}
