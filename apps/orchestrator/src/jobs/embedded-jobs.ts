import type { Logger } from '../common/logger.js';
import type { Pulse } from '../common/pulse.js';
import { storeFault } from '../database/store-faults.js';
import { BackgroundJobs, type BackgroundJob } from './background-jobs.js';

/** Jobs of an orchestrator that is alone: timers of this process. */
export class EmbeddedJobs extends BackgroundJobs {
  private timers: NodeJS.Timeout[] = [];
  private readonly busy = new Map<string, Promise<void>>();

  constructor(
    private readonly pulse: Pulse,
    private readonly logger: Logger,
  ) {
    super();
  }

  override add(job: BackgroundJob): void {
    this.pulse.beat(job.name, job.everyMs);
    this.timers.push(setInterval(() => this.start(job), job.everyMs).unref());
  }

  override async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
    await Promise.all(this.busy.values());
  }

  /** A pass that takes longer than the pause is not joined by a second one. */
  private start(job: BackgroundJob): void {
    if (this.busy.has(job.name)) return;
    const running = this.run(job).finally(() => this.busy.delete(job.name));
    this.busy.set(job.name, running);
  }

  private async run(job: BackgroundJob): Promise<void> {
    try {
      await job.run();
      this.pulse.beat(job.name, job.everyMs);
    } catch (error) {
      // A database that is away for a moment is told by the health check.
      const level = storeFault(error) === 'away' ? 'warn' : 'error';
      this.logger[level]('background job failed', { job: job.name, error });
    }
  }
}
