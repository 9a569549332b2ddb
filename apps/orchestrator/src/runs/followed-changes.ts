import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { followedChange, type FollowedChange } from './delivery-rules.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** The public commits that runs go on from: theirs is put on top, so that reviewers see what came since. */
@Injectable()
export class FollowedChanges {
  constructor(@Inject(RunsRepository) private readonly runs: RunsRepository) {}

  /** By the id of the run; without those that follow on none. */
  async of(manager: EntityManager, runs: readonly RunRow[]): Promise<Map<string, FollowedChange>> {
    const followed = new Map<string, FollowedChange>();
    const continued = runs.filter(({ executor, continuesRunId }) => executor === 'claude' && continuesRunId !== null);
    if (continued.length === 0) return followed;
    const tasks = await this.runs.delivered(
      manager,
      continued.map(({ taskId }) => taskId),
    );
    for (const run of continued) {
      const commit = tasks.get(run.taskId)?.delivered?.commit;
      if (commit === undefined) continue;
      const ofTask = await this.runs.ofTask(manager, run.taskId);
      const results = await this.runs.resultBriefs(
        manager,
        ofTask.map(({ id }) => id),
      );
      const found = followedChange(run, ofTask, results, commit);
      if (found !== null) followed.set(run.id, found);
    }
    return followed;
  }
}
