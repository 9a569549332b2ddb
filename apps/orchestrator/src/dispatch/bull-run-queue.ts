import type { Logger } from '../common/logger.js';
import type { RedisLink } from '../redis/redis-link.js';
import { PoolTokens } from './pool-tokens.js';
import { RunQueue, type Announcement, type QueueCounts } from './run-queue.js';
import { WaitingClaims } from './waiting-claims.js';

/** Announcements of so long are sent together. */
const gatherMs = 1;

/**
 * The queue of many processes: BullMQ work tokens in Redis. A claim that waits on this process hears of a run without them; while
 * Redis is away nobody else does, and the poll finds it.
 */
export class BullRunQueue extends RunQueue {
  protected override readonly claims = new WaitingClaims((pools) => pools.forEach((pool) => this.tokens(pool).fetch()));
  private readonly pools = new Map<string, PoolTokens>();
  private gathered: Announcement[] = [];
  /** Runs that claims of this process are being told of. */
  private readonly here = new Map<string, Promise<boolean>>();
  private isClosed = false;

  constructor(
    private readonly link: RedisLink,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {
    super();
    link.onUp(() => {
      for (const tokens of this.pools.values()) void tokens.restart();
    });
  }

  override announce(run: Announcement): void {
    if (this.isClosed) return;
    if (run.readyAt <= this.now()) this.offerHere(run);
    if (!this.link.isUp) return;
    if (this.gathered.push(run) === 1) setTimeout(() => this.flush(), gatherMs);
  }

  override claimed(runs: readonly Pick<Announcement, 'runId' | 'epoch' | 'pool'>[]): void {
    if (!this.link.isUp) return;
    for (const run of runs) this.tokens(run.pool).remove(run).catch(this.missed('a token was not removed'));
  }

  override withdraw(run: Pick<Announcement, 'runId' | 'epoch' | 'pool'>): void {
    this.gathered = this.gathered.filter(({ runId }) => runId !== run.runId);
    if (!this.link.isUp) return;
    this.tokens(run.pool).withdraw(run).catch(this.missed('tokens were not removed'));
  }

  override wake(pool: string): void {
    void this.claims.offerAll(pool);
    if (this.link.isUp) this.tokens(pool).addWake().catch(this.missed('claims were not woken'));
  }

  override onLost(listener: () => void): void {
    this.link.onUp(listener);
  }

  override async counts(): Promise<QueueCounts> {
    const all = await Promise.all([...this.pools.values()].map((tokens) => tokens.counts()));
    const sum = (...names: string[]) =>
      all.reduce((total, counts) => total + names.reduce((part, name) => part + (counts[name] ?? 0), 0), 0);
    return {
      waiting: this.claims.size,
      ready: sum('waiting', 'prioritized', 'active'),
      delayed: sum('delayed'),
    };
  }

  override async close(): Promise<void> {
    if (this.gathered.length > 0) this.flush();
    this.isClosed = true;
    this.claims.close();
    await Promise.all([...this.pools.values()].map((tokens) => tokens.close()));
  }

  private offerHere({ runId, pool }: Announcement): void {
    if (this.here.has(runId) || this.claims.idle(pool) === 0) return;
    this.here.set(
      runId,
      this.claims.offer(pool).finally(() => this.here.delete(runId)),
    );
  }

  private flush(): void {
    const runs = this.gathered;
    this.gathered = [];
    for (const pool of new Set(runs.map((run) => run.pool))) {
      const ofPool = runs.filter((run) => run.pool === pool);
      this.tokens(pool).add(ofPool).catch(this.missed('runs were not announced'));
    }
  }

  private tokens(pool: string): PoolTokens {
    const known = this.pools.get(pool);
    if (known !== undefined) return known;
    const tokens = new PoolTokens(pool, this.link, this.claims, this.here, this.now, this.logger);
    this.pools.set(pool, tokens);
    return tokens;
  }

  private missed(sentence: string): (error: unknown) => void {
    return (error) => void (this.isClosed || this.logger.debug(`${sentence}; the poll makes up for it`, { error }));
  }
}
