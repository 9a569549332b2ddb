import { redisPatience, redisTrouble } from '@corch/contract';
import { Redis } from 'ioredis';
import type { Logger } from '../common/logger.js';
import type { Pulse } from '../common/pulse.js';
import { StartError } from '../common/start-error.js';
import { judgeRedis, type RedisFinding } from './redis-rules.js';

/** How often a healthy server is asked for the mark. */
const lookMs = 2_000;
/** A server that has not answered by then is taken for gone: a dead line says nothing, and TCP would wait for minutes. */
const answerMs = 2_000;

/**
 * The connections of this process to Redis, and whether they work. Redis speeds things up and holds nothing that SQL does not: while
 * the link is down, everybody who uses it has another, slower way.
 */
export class RedisLink {
  /** For commands that are worth nothing later: they fail at once while the link is down. */
  readonly commands: Redis;
  /** For what BullMQ fetches and finishes: it waits for the link. */
  readonly fetching: Redis;
  /** Hears what other orchestrators say. */
  readonly subscriber: Redis;
  private state: 'new' | 'up' | 'down' = 'new';
  private downSince = 0;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isClosed = false;
  /** Why `commands` is not connected. */
  private readonly trouble: () => string | undefined;
  /** What is known to be wrong with a server that is used all the same. */
  private unfit: RedisFinding | null = null;
  private readonly upListeners: (() => void)[] = [];

  /** `prefix`: of every key and channel. */
  constructor(
    url: string,
    readonly prefix: string,
    private readonly pulse: Pulse,
    private readonly monotonic: () => number,
    private readonly logger: Logger,
  ) {
    const fast = { ...redisPatience, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: answerMs };
    this.commands = new Redis(url, { ...fast, enableAutoPipelining: true });
    this.fetching = new Redis(url, { ...redisPatience, maxRetriesPerRequest: null });
    this.subscriber = new Redis(url, { ...redisPatience, maxRetriesPerRequest: null });
    this.trouble = redisTrouble(this.commands);
    for (const client of [this.fetching, this.subscriber]) redisTrouble(client);
  }

  /**
   * Looks at the server once and goes on looking. A server that does not answer is no reason not to start.
   * @throws StartError `redis_unfit` when it is known to lose what it is given.
   */
  async open(): Promise<void> {
    await this.firstAnswer();
    const finding = this.commands.status === 'ready' ? await this.judge() : null;
    if (finding?.kind === 'unfit') throw new StartError('redis_unfit', finding.message, finding.hint);
    if (finding !== null) this.logger.warn(`${finding.message} ${finding.hint}`);
    this.commands.on('ready', () => void this.look());
    this.commands.on('close', () => this.lost('the connection was closed'));
    await this.look();
    this.timer = setInterval(() => void this.look(), lookMs).unref();
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  /** Calls `listener` whenever the link works again after it did not, or the server has lost what it held. */
  onUp(listener: () => void): void {
    this.upListeners.push(listener);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    await this.looking;
    for (const client of this.clients) client.disconnect();
  }

  private get clients(): Redis[] {
    return [this.commands, this.fetching, this.subscriber];
  }

  private firstAnswer(): Promise<void> {
    if (this.commands.status === 'ready') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, answerMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.commands.once('ready', done);
      this.commands.once('close', done);
    });
  }

  /** One look at a time. */
  private look(): Promise<void> {
    this.looking ??= this.lookNow().finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** The mark is gone when somebody emptied the server, or another one took its place. */
  private async lookNow(): Promise<void> {
    if (this.isClosed) return;
    const key = `${this.prefix}:mark`;
    try {
      const isNew = (await this.commands.set(key, '1', 'NX')) === 'OK';
      if (this.state === 'down' || this.unfit !== null) await this.judgeAgain();
      this.works(isNew);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.lost(reason);
      // A line that is dead without a word is opened anew, and one to a server that only reads any more: after a failover the name
      // leads to another. A server that answers with another error keeps its lines.
      if (!/timed out|^READONLY/.test(reason)) return;
      for (const client of this.clients) if (client.status === 'ready') client.disconnect(true);
    }
  }

  private works(isNew: boolean): void {
    const before = this.state;
    this.state = 'up';
    const { unfit } = this;
    const detail = unfit === null ? 'answers' : `answers. ${unfit.message} ${unfit.hint}`;
    this.pulse.say('redis', { ok: unfit === null, detail });
    if (before === 'down') {
      const seconds = Math.round((this.monotonic() - this.downSince) / 1000);
      this.logger.info('Redis answers again', { seconds });
    } else if (before === 'up' && isNew) {
      this.logger.warn('Redis was emptied; what waits is announced again');
    } else if (before === 'up') return;
    for (const listener of this.upListeners) listener();
  }

  private lost(found: string): void {
    if (this.isClosed) return;
    const reason = this.commands.status === 'ready' ? found : (this.trouble() ?? found);
    if (this.state !== 'down') this.downSince = this.monotonic();
    this.state = 'down';
    const seconds = Math.round((this.monotonic() - this.downSince) / 1000);
    const detail = `no answer for ${seconds} s (${reason}); work is found by polling the database`;
    if (this.pulse.say('redis', { ok: false, detail })) this.logger.error('Redis does not answer', { reason });
  }

  /** A hosted server may not tell; then nothing is known to be wrong. */
  private async judge(): Promise<RedisFinding | null> {
    const version = /^redis_version:(\S+)/m.exec(await this.commands.info('server').catch(() => ''))?.[1];
    const policy = /^maxmemory_policy:(\S+)/m.exec(await this.commands.info('memory').catch(() => ''))?.[1];
    return judgeRedis({ version, policy });
  }

  /** Another server may have taken its place. It is used all the same: what it loses costs latency, a stop would cost more. */
  private async judgeAgain(): Promise<void> {
    const finding = await this.judge();
    const unfit = finding?.kind === 'unfit' ? finding : null;
    if (unfit !== null && this.unfit === null) this.logger.error(`${unfit.message} ${unfit.hint}`);
    this.unfit = unfit;
  }
}
