import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, LOGGER, MONOTONIC, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Pulse } from '../common/pulse.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { ClaimsRepository } from './claims.repository.js';
import { RunViews } from './run-views.js';
import { RunsRepository } from './runs.repository.js';

/** Runs at the head of a line that are looked at; one of them could go although those before it cannot. */
const lookedAt = 20;

/**
 * Notices that claims have stopped although everything answers: a run is in line, an online worker with room could take it, and
 * nobody does. A dead claim loop of a worker and a deaf queue look like that, and no ping finds them.
 */
@Injectable()
export class ClaimWatch {
  /** Since when each pool has had work and room without a claim. */
  private readonly idleSince = new Map<string, number>();
  private lastClaimAt: number | null = null;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunViews) private readonly views: RunViews,
    @Inject(Pulse) private readonly pulse: Pulse,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONOTONIC) private readonly monotonic: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A run of the pool was claimed. */
  claimed(pool: string): void {
    this.lastClaimAt = this.monotonic();
    this.idleSince.delete(pool);
  }

  /** Looks at the heads of all lines and tells the health check. */
  async look(): Promise<void> {
    const now = this.monotonic();
    const lines = await Promise.all(
      (await this.runs.poolsInLine(this.database.read)).map((pool) =>
        this.claims.line(this.database.read, pool, lookedAt),
      ),
    );
    const ids = lines.flat().map(({ id }) => id);
    const takeable = await this.views.takeable(await this.runs.findMany(this.database.read, ids));
    const pools = new Map(takeable.map((run) => [run.pool, run]));
    for (const pool of this.idleSince.keys()) if (!pools.has(pool)) this.idleSince.delete(pool);
    for (const pool of pools.keys()) this.idleSince.set(pool, this.idleSince.get(pool) ?? now);
    this.tell(now, pools);
  }

  private tell(now: number, pools: ReadonlyMap<string, { id: string }>): void {
    const stuck = [...this.idleSince].find(([, since]) => now - since > this.patienceMs);
    if (stuck === undefined) {
      const last = this.lastClaimAt === null ? 'none yet' : `${((now - this.lastClaimAt) / 1000).toFixed(1)} s ago`;
      this.pulse.say('claims', { ok: true, detail: `last claim: ${last}` });
      return;
    }
    const [pool, since] = stuck;
    const seconds = Math.round((now - since) / 1000);
    const detail = `nobody has claimed from the pool ${pool} for ${seconds} s although the run ${pools.get(pool)?.id} could go`;
    if (this.pulse.say('claims', { ok: false, detail })) this.logger.error('claims have stopped', { pool, seconds });
  }

  /** A worker that died a moment ago counts as online for a lease; a claim may wait as long as it may. */
  private get patienceMs(): number {
    return this.config.leaseMs + this.config.claimWaitMs + 3 * this.config.claimPollMs;
  }
}
