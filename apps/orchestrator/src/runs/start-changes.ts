import { Inject, Injectable } from '@nestjs/common';
import type { StartsFrom } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/app-error.js';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';
import { startOf, type AskedStart } from './start-rules.js';

/** The changes of other tasks that tasks start from. */
@Injectable()
export class StartChanges {
  constructor(
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The change that a new task starts from; null when it starts at what the remote has.
   * @throws AppError `validation_failed` when its ref is the branch of a task that has not ended, or made no change.
   */
  async find(manager: EntityManager, asked: AskedStart): Promise<StartsFrom | null> {
    const start = startOf(asked, await this.runs.onBranch(manager, asked.ref), this.config.hostName);
    if (start.kind === 'change') return start.startsFrom;
    if (start.kind === 'remote') return null;
    const { kind, taskId, status } = start;
    const why = kind === 'unfinished' ? `is ${status}` : 'has made no change';
    const next = kind === 'unfinished' ? 'wait for its end, or name a commit' : 'name where that task started';
    const message = `is the branch of the task ${taskId}, which ${why}; ${next}`;
    const errors = [{ pointer: '/ref', code: 'custom', message }];
    throw new AppError('validation_failed', `\`${asked.ref}\` ${message}.`, { errors });
  }

  /** The runs whose bundles hold the change that a run starts from, the likeliest first. */
  async holders(manager: EntityManager, run: RunRow, { runId, commit }: StartsFrom): Promise<string[]> {
    const before = run.continuesRunId === null ? [] : await this.runs.findMany(manager, [run.continuesRunId]);
    const own = [...(await this.runs.ofTask(manager, run.taskId)).reverse(), ...before];
    // The other task may have been deleted since; what began at its change holds it, too.
    return [runId, ...own.filter(({ baseCommit }) => baseCommit === commit).map(({ id }) => id)];
  }
}
