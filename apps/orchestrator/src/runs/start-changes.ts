import { Inject, Injectable } from '@nestjs/common';
import { bundleName, type StartsFrom } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/app-error.js';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { dayOf } from './removal-rules.js';
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
   * @throws AppError `validation_failed` when its ref is the branch of a task that has not ended, made no change, or
   *   whose change is not kept any more.
   */
  async find(manager: EntityManager, asked: AskedStart): Promise<StartsFrom | null> {
    const start = startOf(asked, await this.runs.onBranch(manager, asked.ref), this.config.hostName);
    if (start.kind === 'remote') return null;
    if (start.kind === 'change') {
      await this.demandKept(manager, asked.ref, start.startsFrom);
      return start.startsFrom;
    }
    const { kind, taskId, status } = start;
    const why = kind === 'unfinished' ? `is ${status}` : 'has made no change';
    const next = kind === 'unfinished' ? 'wait for its end, or name a commit' : 'name where that task started';
    throw noStart(asked.ref, taskId, `which ${why}; ${next}`);
  }

  /** The runs whose bundles hold the change that a run starts from, the likeliest first. */
  async holders(manager: EntityManager, run: RunRow, { runId, commit }: StartsFrom): Promise<string[]> {
    const before = run.continuesRunId === null ? [] : await this.runs.findMany(manager, [run.continuesRunId]);
    const own = [...(await this.runs.ofTask(manager, run.taskId)).reverse(), ...before];
    // The other task may have been deleted since; what began at its change holds it, too.
    return [runId, ...own.filter(({ baseCommit }) => baseCommit === commit).map(({ id }) => id)];
  }

  /** @throws AppError `validation_failed` when retention removed it. */
  private async demandKept(manager: EntityManager, ref: string, { taskId, runId }: StartsFrom): Promise<void> {
    if (await this.runs.hasFile(manager, runId, bundleName)) return;
    const at = (await this.runs.find(manager, runId))?.removedAt ?? null;
    const why = at === null ? 'is not kept' : `was removed by retention on ${dayOf(at)}`;
    throw noStart(ref, taskId, `whose change ${why}; retry that task to have it made anew, or name another ref`);
  }
}

function noStart(ref: string, taskId: string, why: string): AppError {
  const message = `is the branch of the task ${taskId}, ${why}`;
  const errors = [{ pointer: '/ref', code: 'custom', message }];
  return new AppError('validation_failed', `\`${ref}\` ${message}.`, { errors });
}
