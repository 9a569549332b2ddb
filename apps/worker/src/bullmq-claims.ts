// Waits on BullMQ itself, in a network that trusts the worker: a work token in Redis says when a claim is worth while. It wakes and
// no more; runs are claimed and reported over HTTPS as ever, and a poll finds what a token was lost for.
import { passOn, queueName, redisPatience, redisTrouble, WorkToken } from '@corch/contract';
import { Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { abortable } from './abortable.js';
import { messageOf } from './error-facts.js';
import type { Logger } from './logger.js';
import type { Wake, Wakes } from './wakes.js';
import { within } from './within.js';

/** Asked without a token so often, at most; more often while Redis is away, and then the orchestrator waits that long. */
const pollMs = 10_000;
const awayMs = 3_000;
/** A server that has not answered by then is taken for gone: a dead line says nothing. */
const answerMs = 2_000;
const pauseMs = 1_000;

export interface BullClaimsOptions {
  readonly url: string;
  readonly prefix: string;
  readonly pools: readonly string[];
  /** As it is listed among those who wait. */
  readonly name: string;
  /** How long the orchestrator lets a claim wait. */
  readonly waitMs: () => number;
  readonly logger: Logger;
}

/** A token that this worker holds. */
interface Held {
  readonly job: Job;
  readonly lock: string;
}

export class BullClaims implements Wakes {
  private readonly me = randomUUID();
  private readonly asking: Redis;
  /** Why `asking` is not connected. */
  private readonly trouble: () => string | undefined;
  private reader: TokenReader | null = null;
  private isAway = false;
  /** There may be runs that no token tells of: at the start, after an outage, and as long as claims get some. */
  private mayHaveWork = true;
  /** The claim loop, when it waits. */
  private taker: ((held: Held | null) => void) | null = null;
  private finishing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: BullClaimsOptions) {
    this.asking = new Redis(options.url, { ...redisPatience, maxRetriesPerRequest: 0, commandTimeout: answerMs });
    this.trouble = redisTrouble(this.asking);
    this.asking.on('close', () => this.taker?.(null));
  }

  async next(signal: AbortSignal): Promise<Wake> {
    if (!(await this.isUp())) {
      this.mayHaveWork = true;
      return { waitMs: Math.min(awayMs, this.options.waitMs()), settle: () => undefined };
    }
    this.reader ??= new TokenReader(this.options, (held) => this.deliver(held));
    if (this.mayHaveWork) return this.wake(null, false);
    const held = await this.wait(this.reader, signal);
    return this.wake(held, held === null);
  }

  async close(): Promise<void> {
    this.taker = null;
    await Promise.race([this.finishing, delay(pauseMs, undefined, { ref: false })]);
    await this.reader?.close();
    this.asking.disconnect();
  }

  /** The first token of any pool; null after the time of a poll, and when Redis goes away. */
  private async wait(reader: TokenReader, signal: AbortSignal): Promise<Held | null> {
    let taken: Held | null = null;
    await abortable(within(signal, Math.min(pollMs, this.options.waitMs())), (resolve) => {
      this.taker = (held) => {
        this.taker = null;
        taken = held;
        resolve();
      };
      reader.read(() => this.taker !== null);
    });
    this.taker = null;
    return taken;
  }

  private wake(held: Held | null, isPoll: boolean): Wake {
    return {
      waitMs: 0,
      settle: (claimed) => {
        this.mayHaveWork = claimed === undefined || claimed.length > 0;
        // Nobody waits for it: runs that were claimed must not wait for a Redis that is away.
        if (held !== null) this.finishing = Promise.all([this.finishing, this.finish(held, claimed)]);
        // Of what a poll finds, a token should have told: whoever reads them may be deaf.
        else if (isPoll && this.mayHaveWork) this.reopen();
      },
    };
  }

  /** What nobody waits for any more, or could not be claimed here, is for others. */
  private async deliver(held: Held): Promise<void> {
    const { job, lock } = held;
    // It has come round: nobody who waits can do anything with it.
    if (tokenOf(job).passedBy.includes(this.me)) await job.moveToCompleted(null, lock, false);
    else if (this.taker === null) await putBack(held);
    else this.taker(held);
  }

  private async finish(held: Held, claimed: readonly string[] | undefined): Promise<void> {
    const { job, lock } = held;
    const token = tokenOf(job);
    const isAnswered = token.runId !== undefined && claimed?.includes(token.runId) === true;
    const rest = claimed === undefined ? token : isAnswered ? null : passOn(token, this.me);
    try {
      if (rest === null) return void (await job.moveToCompleted(null, lock, false));
      if (rest !== token) await job.updateData(rest);
      await putBack(held);
    } catch {
      // It was removed with its run, or Redis is away: then it is put back when its lock has run out, and wakes somebody in vain.
    }
  }

  private async isUp(): Promise<boolean> {
    try {
      await this.asking.ping();
    } catch (error) {
      this.lost(messageOf(error));
      return false;
    }
    if (this.isAway) this.options.logger.info('Redis answers again; work is waited for there');
    this.isAway = false;
    return true;
  }

  private lost(found: string): void {
    const reason = this.asking.status === 'ready' ? found : (this.trouble() ?? found);
    if (!this.isAway) this.options.logger.warn('Redis does not answer; the orchestrator is asked for work', { reason });
    this.isAway = true;
    this.reopen();
    // A line that is dead without a word is opened anew.
    if (this.asking.status === 'ready') this.asking.disconnect(true);
  }

  private reopen(): void {
    void this.reader?.close();
    this.reader = null;
  }
}

/** Connections that read tokens. Those of before an outage may be deaf, so none of them outlives one. */
class TokenReader {
  private readonly connection: Redis;
  private readonly pools: { readonly worker: Worker; reading?: Promise<void> | undefined }[];
  private isClosed = false;

  constructor(
    { url, prefix, pools, name }: BullClaimsOptions,
    private readonly deliver: (held: Held) => Promise<void>,
  ) {
    this.connection = new Redis(url, { ...redisPatience, maxRetriesPerRequest: null });
    redisTrouble(this.connection);
    const options = { connection: this.connection, prefix, name, autorun: false, skipVersionCheck: true };
    this.pools = pools.map((pool) => {
      const worker = new Worker(queueName(pool), null, { ...options, drainDelay: pollMs / 1000 });
      worker.on('error', () => undefined);
      // Tokens of a worker that died with them in hand come back.
      worker.startStalledCheckTimer().catch(() => undefined);
      return { worker };
    });
  }

  /** Reads from every pool as long as `isWanted`; what comes after that is delivered, too. */
  read(isWanted: () => boolean): void {
    for (const pool of this.pools) {
      pool.reading ??= this.readFrom(pool.worker, isWanted).finally(() => (pool.reading = undefined));
    }
  }

  /** A token that is on its way is waited for, so that it is put back; not for long, since Redis may be away. */
  async close(): Promise<void> {
    this.isClosed = true;
    const closed = this.pools.map(({ worker }) => worker.close(true).catch(() => undefined));
    await Promise.race([
      Promise.all([...closed, ...this.pools.map(({ reading }) => reading)]),
      delay(pauseMs, undefined, { ref: false }),
    ]);
    this.connection.disconnect();
  }

  private async readFrom(worker: Worker, isWanted: () => boolean): Promise<void> {
    while (isWanted() && !this.isClosed) {
      const lock = randomUUID();
      try {
        const job = await worker.getNextJob(lock, { block: true });
        if (job !== undefined) await this.deliver({ job, lock });
      } catch {
        if (!this.isClosed) await delay(pauseMs, undefined, { ref: false });
      }
    }
  }
}

/** For others. BullMQ tells those who wait of no token with a priority that comes back, but of one whose priority is set. */
async function putBack({ job, lock }: Held): Promise<void> {
  await job.moveToWait(lock);
  await job.changePriority({ priority: job.priority });
}

/** Of another version, it is a token all the same. */
function tokenOf(job: Job): WorkToken {
  return WorkToken.catch({ passedBy: [] }).parse(job.data);
}
