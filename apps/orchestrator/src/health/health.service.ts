import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { protocolVersion, sizeText, version, type Health } from '@corch/contract';
import { Lifecycle } from '../common/lifecycle.js';
import { Pulse } from '../common/pulse.js';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';

type Check = Health['checks'][string];

const pingMs = 2_000;
/** Below this, a transcript of a day or a few patches may not fit any more. */
const enoughDiskBytes = 500_000_000;
/** The event loop's 99th percentile; above it, heartbeats and streams feel it. */
const slowLoopMs = 250;

/** Looks at each part that can break. */
@Injectable()
export class HealthService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
    @Inject(Pulse) private readonly pulse: Pulse,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.enable();
  }

  onModuleDestroy(): void {
    this.loop.disable();
  }

  /** `failing` without a database, or when claims have stopped; `degraded` when something needs a person soon. */
  async check(): Promise<Health> {
    const [database, disk] = await Promise.all([this.checkDatabase(), this.checkDisk()]);
    const checks: Health['checks'] = { database, disk, eventLoop: this.checkLoop(), ...this.pulse.checks() };
    const allOk = Object.values(checks).every((check) => check.ok);
    return {
      status: !database.ok || checks['claims']?.ok === false ? 'failing' : allOk ? 'ok' : 'degraded',
      version,
      protocol: protocolVersion,
      startedAt: this.lifecycle.startedAt.toISOString(),
      checks,
    };
  }

  /** Why it cannot take work now, or null when it can. */
  async whyNotReady(): Promise<string | null> {
    if (this.lifecycle.state !== 'ready') return `The orchestrator is ${this.lifecycle.state}.`;
    const database = await this.checkDatabase();
    return database.ok ? null : `The database does not answer: ${database.detail}.`;
  }

  private async checkDatabase(): Promise<Check> {
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${pingMs} ms`)), pingMs);
    });
    try {
      await Promise.race([this.database.ping(), tooLate]);
      return { ok: true, detail: `${this.database.kind}, ${(performance.now() - started).toFixed(1)} ms` };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  private async checkDisk(): Promise<Check> {
    try {
      const { bavail, bsize } = await statfs(this.config.dataDir);
      const free = bavail * bsize;
      return { ok: free >= enoughDiskBytes, detail: `${sizeText(free)} free in the data folder` };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The delay since the last look. */
  private checkLoop(): Check {
    const ms = this.loop.percentile(99) / 1e6;
    this.loop.reset();
    return { ok: ms < slowLoopMs, detail: `99 % of turns within ${ms.toFixed(1)} ms` };
  }
}
