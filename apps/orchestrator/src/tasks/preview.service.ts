import { Inject, Injectable } from '@nestjs/common';
import { repositoryName, SubmitTask, type PreviewTask, type SimilarTasks, type TaskPreview } from '@corch/contract';
import type { z } from 'zod';
import { median } from '../common/median.js';
import { CLOCK, CONFIG, type Clock } from '../common/tokens.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { dispatchKey } from '../runs/run-rules.js';
import { costOf, RunViews } from '../runs/run-views.js';
import { Submissions } from './submissions.js';
import { requirementsOf } from './task-rules.js';
import { TasksRepository } from './tasks.repository.js';

/** How many of the newest are looked at. */
const looked = 100;

/** Says what would happen to a task before it is submitted. */
@Injectable()
export class PreviewService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TasksRepository) private readonly tasks: TasksRepository,
    @Inject(Submissions) private readonly submissions: Submissions,
    @Inject(RunViews) private readonly views: RunViews,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param given the names of the fields that were sent; the repository may have defaults for the others.
   * @throws AppError `repository_unknown` or `validation_failed`.
   */
  async preview(asked: z.output<typeof PreviewTask>, given: readonly string[]): Promise<TaskPreview> {
    // What is still to be typed decides nothing.
    const work = asked.executor === 'command' ? { command: ['true'] } : { prompt: '…' };
    const { task } = await this.submissions.complete(SubmitTask.parse({ ...asked, ...work }), given);
    const { executor, demo, pool, priority, concurrencyKey = null, concurrencyLimit, repository } = task;
    const requirements = requirementsOf(task, this.config.hostName);
    const run = { executor, demo, pool, concurrencyKey, concurrencyLimit, requirements };
    const [foreseen, similar] = await Promise.all([
      this.views.foresee({ ...run, dispatchKey: dispatchKey(this.clock(), priority) }),
      this.similar(repository === undefined ? null : repositoryName(repository)),
    ]);
    return { ...foreseen, ready: foreseen.workers.filter(({ obstacle }) => obstacle === null).length, similar };
  }

  private async similar(repository: string | null): Promise<SimilarTasks> {
    const ended = await this.tasks.endedOf(this.database.read, repository, looked);
    const durations = ended.flatMap(({ durationMs }) => durationMs ?? []);
    return {
      repository,
      tasks: ended.length,
      succeeded: ended.filter(({ status }) => status === 'succeeded').length,
      medianCost: costOf(median(ended.flatMap(({ costMicros }) => costMicros ?? []))),
      medianDurationMs: median(durations),
    };
  }
}
