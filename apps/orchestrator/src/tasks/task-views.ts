import { Inject, Injectable } from '@nestjs/common';
import type { RunSpec, Task, TaskDetail } from '@corch/contract';
import { Address } from '../common/address.js';
import {
  costOf,
  iso,
  isoOrNull,
  RunViews,
  shownBranch,
  statOf,
  type CurrentRun,
  type CurrentRunInFull,
} from '../runs/run-views.js';
import type { RunRow } from '../runs/run.entity.js';
import type { TaskRow } from './task.entity.js';

/** Turns rows into what the API shows: a task looks like its current run. */
@Injectable()
export class TaskViews {
  constructor(
    @Inject(RunViews) private readonly runs: RunViews,
    @Inject(Address) private readonly address: Address,
  ) {}

  async tasksOf(rows: readonly TaskRow[]): Promise<Task[]> {
    const current = await this.runs.current(rows.map(({ currentRunId }) => currentRunId));
    // A task that was deleted in between has no run any more.
    return rows.flatMap((row) => {
      const run = current.get(row.id);
      return run === undefined ? [] : [toTask(row, run, this.address.taskUrl(row.id))];
    });
  }

  /** A task with everything that was asked for and what is known of its current run. */
  detailOf(row: TaskRow, spec: RunSpec, current: CurrentRunInFull): TaskDetail {
    const task = toTask(row, current, this.address.taskUrl(row.id));
    return { ...task, spec, currentRun: current.view, startsFrom: row.startsFrom };
  }

  /** As {@link detailOf} of a task that was just stored, without reading it. */
  async newDetailOf(row: TaskRow, spec: RunSpec, run: RunRow): Promise<TaskDetail> {
    return this.detailOf(row, spec, await this.runs.currentOf(run, null));
  }
}

function toTask(row: TaskRow, { run, result, explanation }: CurrentRun, url: string): Task {
  return {
    id: row.id,
    title: row.title,
    status: run.status,
    ...explanation,
    executor: row.executor,
    promptPreview: row.promptPreview,
    repository: row.repository ?? undefined,
    repositoryName: row.repositoryName,
    ref: row.ref,
    branch: shownBranch(run),
    pool: row.pool,
    labels: row.labels,
    requirements: row.requirements,
    priority: row.priority,
    concurrencyKey: row.concurrencyKey,
    concurrencyLimit: row.concurrencyLimit,
    retries: row.retries,
    backoff: row.backoff,
    demo: row.demo || run.demo,
    runCount: run.attempt,
    currentRunId: run.id,
    workerName: run.workerName,
    submittedBy: row.submittedBy,
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    startAt: isoOrNull(row.startAt),
    startedAt: isoOrNull(run.startedAt),
    endedAt: isoOrNull(run.endedAt),
    cost: costOf(row.costMicros),
    stat: statOf(result),
    delivered: row.delivered,
    url,
  };
}
