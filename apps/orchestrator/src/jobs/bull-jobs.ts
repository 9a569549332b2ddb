import { Worker, type Queue } from 'bullmq';
import type { Logger } from '../common/logger.js';
import type { Pulse } from '../common/pulse.js';
import { storeFault } from '../database/store-faults.js';
import { openQueue } from '../redis/open-queue.js';
import type { RedisLink } from '../redis/redis-link.js';
import { BackgroundJobs, type BackgroundJob } from './background-jobs.js';
import { EmbeddedJobs } from './embedded-jobs.js';
import type { JobLeases } from './job-leases.js';

export const jobsQueue = 'jobs';
/** A job that was not done for so many of its turns is done without Redis. */
const patience = 2.5;
/** What Redis keeps of jobs that are over, for people who look. */
const template = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { count: 20 },
  removeOnFail: { count: 50 },
} as const;

/** Jobs that several orchestrators share: BullMQ's job schedulers say when, a lease in the database who. */
export class BullJobs extends BackgroundJobs {
  private readonly jobs = new Map<string, BackgroundJob>();
  /** When each job was done last, as far as was seen. */
  private readonly seen = new Map<string, number>();
  private readonly queue: Queue;
  private readonly worker: Worker;
  private readonly alone: EmbeddedJobs;
  /** What is being done here. */
  private readonly running = new Set<Promise<unknown>>();
  private isStopped = false;

  constructor(
    private readonly link: RedisLink,
    private readonly leases: JobLeases,
    private readonly pulse: Pulse,
    private readonly clock: () => number,
    private readonly logger: Logger,
  ) {
    super();
    this.alone = new EmbeddedJobs(pulse, logger);
    this.queue = openQueue(link, jobsQueue);
    this.worker = new Worker(jobsQueue, ({ name }) => this.noted(this.run(name)), {
      prefix: link.prefix,
      skipVersionCheck: true,
      connection: link.fetching,
      concurrency: 4,
    });
    this.worker.on('error', () => undefined);
    link.onUp(() => void this.schedule([...this.jobs.values()]));
  }

  override add(job: BackgroundJob): void {
    if (job.on === 'each') return this.alone.add(job);
    this.jobs.set(job.name, job);
    this.leases.prepare(job.name).catch((error: unknown) => {
      this.logger.error('background job not prepared', { job: job.name, error });
    });
    if (this.link.isUp) void this.schedule([job]);
    this.alone.add({ name: `${job.name}-watch`, everyMs: job.everyMs, on: 'each', run: () => this.watch(job) });
  }

  override async stop(): Promise<void> {
    this.isStopped = true;
    await this.alone.stop();
    await Promise.allSettled(this.running);
    // Its own wait for what runs is one for Redis, too, which may be away without that anybody knows.
    await this.worker.close(true).catch(() => undefined);
    await this.queue.close().catch(() => undefined);
  }

  private async schedule(jobs: readonly BackgroundJob[]): Promise<void> {
    try {
      for (const { name, everyMs } of jobs) {
        await this.queue.upsertJobScheduler(name, { every: everyMs }, { name, opts: template });
      }
    } catch (error) {
      this.logger.debug('background jobs not scheduled; the database does it', { error });
    }
  }

  private noted(work: Promise<void>): Promise<void> {
    this.running.add(work);
    return work.finally(() => this.running.delete(work));
  }

  /** A job of another version is none of ours. */
  private async run(name: string): Promise<void> {
    const job = this.jobs.get(name);
    if (job === undefined || this.isStopped) return;
    try {
      await this.leases.run(name, job.everyMs, () => job.run());
    } catch (error) {
      const level = storeFault(error) === 'away' ? 'warn' : 'error';
      this.logger[level]('background job failed', { job: name, error });
      throw error;
    }
  }

  /** Notices when anybody has done the job, and does it when nobody has for too long. */
  private async watch(job: BackgroundJob): Promise<void> {
    const finishedAt = (await this.leases.finished()).get(job.name) ?? 0;
    if (finishedAt > (this.seen.get(job.name) ?? 0)) this.pulse.beat(job.name, job.everyMs);
    this.seen.set(job.name, finishedAt);
    if (this.clock() - finishedAt > patience * job.everyMs)
      await this.leases.run(job.name, job.everyMs, () => job.run());
  }
}
