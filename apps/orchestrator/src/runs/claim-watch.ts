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
  /** By pool: the first run in line that could go, and since when it has been that. Another orchestrator's claims change it too. */
  private readonly waiting = new Map<string, { readonly runId: string; readonly since: number }>();
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
    this.waiting.delete(pool);
  }

  /** Looks at the heads of all lines and tells the health check. */
  async look(): Promise<void> {
    const now = this.monotonic();
    const lines = await Promise.all(
      (await this.runs.poolsInLine(this.database.read)).map((pool) =>
        this.claims.line(this.database.read, pool, lookedAt),
      ),
    );
    const first = new Map<string, string>();
    for (const { run } of await this.views.takeable(lines.flat()))
      if (!first.has(run.pool)) first.set(run.pool, run.id);
    for (const pool of this.waiting.keys()) if (!first.has(pool)) this.waiting.delete(pool);
    for (const [pool, runId] of first)
      if (this.waiting.get(pool)?.runId !== runId) this.waiting.set(pool, { runId, since: now });
    this.tell(now);
  }

  private tell(now: number): void {
    const stuck = [...this.waiting].find(([, { since }]) => now - since > this.patienceMs);
    if (stuck === undefined) {
      const last = this.lastClaimAt === null ? 'none yet' : `${((now - this.lastClaimAt) / 1000).toFixed(1)} s ago`;
      this.pulse.say('claims', { ok: true, detail: `last claim: ${last}` });
      return;
    }
    const [pool, { runId, since }] = stuck;
    const seconds = Math.round((now - since) / 1000);
    const detail = `nobody has claimed from the pool ${pool} for ${seconds} s although the run ${runId} could go`;
    if (this.pulse.say('claims', { ok: false, detail })) this.logger.error('claims have stopped', { pool, seconds });
  }

  /** A worker that died a moment ago counts as online for a lease; a claim may wait as long as it may. */
  private get patienceMs(): number {
    return this.config.leaseMs + this.config.claimWaitMs + 3 * this.config.claimPollMs;
  }
}
