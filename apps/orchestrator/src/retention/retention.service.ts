import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RemovedReport, Settings } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { Meters } from '../metrics/meters.js';
import { extentByAge, extentBySize, type Extent } from '../runs/removal-rules.js';
import { RunRemoval } from '../runs/run-removal.service.js';
import type { EndPlace, KeptRun } from '../runs/run-sizes.repository.js';
import { RunWeights } from '../runs/run-weights.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { TasksService } from '../tasks/tasks.service.js';
import { LastRemoval } from './last-removal.js';
import { dayMs, maxStoredBytes } from './limits.js';

const everyMs = 60_000;
/** One pass takes no longer than this, up to what it removes at that moment; the next goes on. */
const passMs = 20_000;
/** Tasks or runs that are looked up at once. */
const batch = 100;

/** What a pass has removed so far. */
type Tally = { -readonly [Key in keyof Omit<RemovedReport, 'at'>]: number };

/**
 * Removes what the settings do not keep: whole tasks by age; transcripts and files of runs by age, and above a size those that ended
 * first. In small transactions, one thing after the other.
 */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private isStopping = false;

  constructor(
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(RunWeights) private readonly weights: RunWeights,
    @Inject(RunRemoval) private readonly removal: RunRemoval,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(LastRemoval) private readonly lastRemoval: LastRemoval,
    @Inject(Meters) private readonly meters: Meters,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.add({ name: 'retention', everyMs, on: 'one', run: () => this.prune() });
  }

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** What was removed. Ends early when the orchestrator stops or it takes long; the next call goes on. */
  async prune(): Promise<Omit<RemovedReport, 'at'>> {
    const end = performance.now() + passMs;
    const goesOn = () => !this.isStopping && performance.now() < end;
    await this.weights.weigh(goesOn);
    const settings = await this.settings.read();
    const tally: Tally = { tasks: 0, runs: 0, bytes: 0 };
    try {
      await this.removeTasks(settings, tally, goesOn);
      await this.removeOld(settings, tally, goesOn);
      await this.removeAbove(settings, tally, goesOn);
    } finally {
      if (tally.tasks + tally.runs > 0) await this.tell(tally);
    }
    return tally;
  }

  private async removeTasks({ keepTasksDays }: Settings, tally: Tally, goesOn: () => boolean): Promise<void> {
    if (keepTasksDays === null) return;
    const before = this.clock() - keepTasksDays * dayMs;
    for (let after: EndPlace | undefined = firstEnd; after !== undefined && goesOn();) {
      const ended: readonly (EndPlace & { taskId: string })[] = await this.tasks.endedBefore(after, before, batch);
      for (const { taskId } of ended) {
        if (!goesOn()) return;
        await this.removeTask(taskId, before, tally);
      }
      after = ended.at(-1);
    }
  }

  /** Its transcripts go first, in small pieces; what is left is one small transaction. */
  private async removeTask(taskId: string, before: number, tally: Tally): Promise<void> {
    const runs = await this.weights.ofTask(taskId);
    // It was asked for another run since, or a task that goes on starts from its change.
    if (runs.some(({ taskEndedAt }) => taskEndedAt === null)) return;
    for (const { runId } of runs) {
      tally.bytes += (await this.removal.remove(runId, (run) => extentByAge(run, before))) ?? 0;
    }
    if (await this.delete(taskId)) tally.tasks++;
  }

  private async delete(taskId: string): Promise<boolean> {
    try {
      await this.tasks.delete(taskId);
      return true;
    } catch (error) {
      // Somebody asked for another run, or was faster.
      if (error instanceof AppError && ['task_not_found', 'task_not_finished'].includes(error.code)) return false;
      throw error;
    }
  }

  private async removeOld({ keepTranscriptsDays }: Settings, tally: Tally, goesOn: () => boolean): Promise<void> {
    if (keepTranscriptsDays === null) return;
    const before = this.clock() - keepTranscriptsDays * dayMs;
    for await (const run of this.kept(before, goesOn)) {
      await this.removeRun(run, (now) => extentByAge(now, before), tally);
    }
  }

  private async removeAbove(settings: Settings, tally: Tally, goesOn: () => boolean): Promise<void> {
    const most = maxStoredBytes(settings);
    if (most === null) return;
    const { transcriptBytes, fileBytes } = await this.weights.total();
    const above = transcriptBytes + fileBytes - most;
    const freedBefore = tally.bytes;
    if (above <= 0) return;
    for await (const run of this.kept(this.clock(), goesOn)) {
      await this.removeRun(run, extentBySize, tally);
      if (tally.bytes - freedBefore >= above) return;
    }
  }

  private async removeRun(run: KeptRun, decide: (run: KeptRun) => Extent | null, tally: Tally): Promise<void> {
    if (decide(run) === null) return;
    const freed = await this.removal.remove(run.runId, decide);
    if (freed === null) return;
    tally.runs++;
    tally.bytes += freed;
  }

  /** The runs that have anything stored and ended before a moment, those that ended first first. */
  private async *kept(before: number, goesOn: () => boolean): AsyncGenerator<KeptRun> {
    for (let after: EndPlace | undefined = firstEnd; after !== undefined;) {
      const runs: readonly KeptRun[] = await this.weights.kept(after, before, batch);
      for (const run of runs) {
        if (!goesOn()) return;
        yield run;
      }
      after = runs.at(-1);
    }
  }

  private async tell(tally: Tally): Promise<void> {
    this.meters.removed(tally);
    this.logger.info('retention removed what was old or too much', { ...tally });
    await this.lastRemoval.note({ at: new Date(this.clock()).toISOString(), ...tally });
  }
}

const firstEnd: EndPlace = { endedAt: 0, runId: '' };
