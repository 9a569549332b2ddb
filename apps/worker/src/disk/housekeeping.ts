// Keeps a worker's folders small while it works: removes what ended runs left, and measures what is there.
import type { Disk } from '@corch/contract';
import { join } from 'node:path';
import type { WorkerContext } from '../context.js';
import { readDisk } from '../disk-watch.js';
import type { HeldRuns } from '../held-runs.js';
import { restingRuns } from '../resting-runs.js';
import { pruneFolders, workspaceFolder } from '../workspace.js';
import { collect } from './collect.js';
import { DiskUsage } from './disk-usage.js';

export class Housekeeping {
  private readonly usage: DiskUsage;
  private readonly losses = new Map<string, { loss: string; at: number }>();
  private pruning: Promise<void> | undefined;

  constructor(
    private readonly context: WorkerContext,
    private readonly held: HeldRuns,
    private readonly signal: AbortSignal,
  ) {
    this.usage = new DiskUsage(context.config.dir, context.folders);
  }

  /** Reads what an earlier process measured. */
  load(): Promise<void> {
    return this.usage.load();
  }

  /** Measures again and again until `signal` is aborted. */
  measure(signal: AbortSignal): Promise<void> {
    return this.usage.keep(() => this.workspacesInUse, signal);
  }

  /** The disk as a heartbeat tells it; null when it cannot be asked. */
  async readDisk(): Promise<Disk | null> {
    const disk = await readDisk(this.context.config.dir);
    return disk && { ...disk, ...this.usage.totals };
  }

  /** Removes what runs left that ended long ago, in the background. Asked while it is at it, it leaves the rest to the next time. */
  prune(): void {
    this.pruning ??= this.pruneNow()
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.context.logger.warn('old workspaces not removed', { error });
      })
      .finally(() => (this.pruning = undefined));
  }

  /** Resolves when nothing is being removed. */
  async idle(): Promise<void> {
    await this.pruning;
  }

  /** The workspaces of the runs that are held; on disk some have nothing yet. */
  private get workspacesInUse(): ReadonlySet<string> {
    const { workspaces } = this.context.folders;
    const places = this.held.runs.map((run) => workspaceFolder(workspaces, run));
    return new Set([...places, ...this.held.workspaces]);
  }

  private async pruneNow(): Promise<void> {
    const { folders, git, logger, config } = this.context;
    const limits = { keepDays: config.keepDays, keep: config.keepWorkspaces };
    const now = Date.now();
    // First those that rest: one that is claimed meanwhile is among those that are held then.
    const runs = [...(await restingRuns(folders.runs, now)), ...this.held.runs];
    const homes = new Set(runs.map((run) => join(folders.homes, run.sessionId)));
    await pruneFolders(folders.homes, homes, limits, now);
    const { losses, signal } = this;
    const how = { unkept: false, dryRun: false, losses, now, signal };
    const inUse = this.workspacesInUse;
    const rows = await collect({ git, dir: config.dir, folders, inUse, limits, ...how });
    for (const { path, why } of rows.filter(({ verdict }) => verdict === 'unkept')) {
      logger.info('old workspace kept; its work is nowhere else', { path, why });
    }
  }
}
