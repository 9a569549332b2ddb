import { Inject, Injectable } from '@nestjs/common';
import { bundleBase, bundleName, isFinal, type DeliverTask, type DeliveryOrder, type RunSpec } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/app-error.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import type { TaskRow } from '../tasks/task.entity.js';
import { deliveryAfter, mayDeliver } from './delivery-rules.js';
import { dayOf } from './removal-rules.js';
import { noFailures } from './run-rules.js';
import { RunEventsRepository } from './run-events.repository.js';
import type { Tx } from './run-status.js';
import type { RunResultRow, RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';

/** Characters of Claude's answer that the wording of a pull request may hold. */
const maxAnswer = 50_000;

const nothingChanged = 'Nothing was changed, so there is nothing to deliver.';
const notKept = 'The change was not kept as a commit, so it cannot be delivered.';

/** Runs that deliver the change of another run: when one is opened, what its worker is told, and where the change then is. */
@Injectable()
export class Deliveries {
  constructor(
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunsService) private readonly service: RunsService,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What follows the end of a run, in the transaction that ended it: its delivery, or the note where it was delivered to. */
  async ended(tx: Tx, run: RunRow, { changeCommit, delivered, files }: RunResultRow): Promise<void> {
    if (run.executor === 'deliver') {
      if (delivered !== null) await this.runs.updateDelivery(tx.manager, run.taskId, { delivered });
      return;
    }
    if (!mayDeliver(run)) return;
    const task = (await this.runs.delivered(tx.manager, [run.taskId])).get(run.taskId);
    const mode = deliveryAfter(run.deliveryMode, changeCommit, task?.delivered ?? null);
    if (mode === 'nothing') return this.say(tx, run, (files ?? 0) === 0 ? nothingChanged : notKept);
    if (mode === 'delivered') return this.say(tx, run, 'Nothing was changed since the last delivery.');
    await this.start(tx, run, await this.specOf(tx.manager, run.taskId), mode);
  }

  /**
   * Opens the run that delivers the change of the last run that made one.
   * @throws AppError `task_not_found`, `task_not_finished`, `nothing_to_deliver` or `validation_failed`.
   */
  async open(tx: Tx, taskId: string, { mode: asked, ...wording }: DeliverTask): Promise<void> {
    const current = await this.service.demandEnded(tx.manager, taskId);
    const spec = await this.specOf(tx.manager, taskId);
    const source = await this.lastChange(tx.manager, taskId);
    if (source === null) throw nothingToDeliver(taskId);
    await this.demandKept(tx.manager, source);
    const own = spec.delivery?.mode === 'branch' || spec.delivery?.mode === 'pr' ? spec.delivery.mode : undefined;
    const isPath = spec.repository !== undefined && 'path' in spec.repository;
    const mode = asked ?? own ?? (isPath ? 'branch' : 'pr');
    if (mode === 'pr' && isPath) {
      const message = '`pr` needs a repository by its address; a path takes `branch`';
      const errors = [{ pointer: '/mode', code: 'custom', message }];
      throw new AppError('validation_failed', `The mode ${message}.`, { errors });
    }
    if (Object.keys(wording).length > 0) {
      const known = (await this.runs.runnableTask(tx.manager, taskId)).deliveryWording;
      await this.runs.updateDelivery(tx.manager, taskId, { deliveryWording: { ...known, ...wording } });
    }
    await this.start(tx, source, spec, mode, current.attempt + 1);
  }

  /** What a worker needs to know for each run that delivers, by the run's id. */
  async orders(manager: EntityManager, runs: readonly RunRow[]): Promise<Map<string, DeliveryOrder>> {
    const delivering = runs.filter(({ executor }) => executor === 'deliver');
    const orders = new Map<string, DeliveryOrder>();
    if (delivering.length === 0) return orders;
    const taskIds = delivering.map(({ taskId }) => taskId);
    const tasks = await this.runs.delivered(manager, taskIds);
    for (const run of delivering) {
      const order = await this.order(manager, run, tasks.get(run.taskId));
      if (order !== null) orders.set(run.id, order);
    }
    return orders;
  }

  /** What the run that a run delivers has made, so that the task goes on showing it. */
  async made(manager: EntityManager, run: RunRow): Promise<Partial<RunResultRow>> {
    if (run.sourceRunId === null) return {};
    const [source] = await this.runs.results(manager, [run.sourceRunId]);
    if (source === undefined) return {};
    const { result, files, additions, deletions } = source;
    return { result, files, additions, deletions };
  }

  private async start(
    tx: Tx,
    source: RunRow,
    spec: RunSpec,
    mode: 'branch' | 'pr',
    attempt = source.attempt + 1,
  ): Promise<void> {
    const task = await this.runs.runnableTask(tx.manager, source.taskId);
    // The first branch stays: a task never has two of them, nor two pull requests.
    const branch = task.deliveryBranch ?? spec.delivery?.branch ?? source.branch;
    if (branch === null) throw nothingToDeliver(source.taskId);
    if (task.deliveryBranch === null) await this.runs.updateDelivery(tx.manager, task.id, { deliveryBranch: branch });
    await this.service.open(tx, task, {
      attempt,
      trigger: 'deliver',
      readyAt: this.clock(),
      failures: noFailures,
      delivers: { sourceRunId: source.id, deliveryMode: mode, branch },
    });
  }

  private async order(
    manager: EntityManager,
    { taskId, sourceRunId, deliveryMode, branch }: RunRow,
    task: Pick<TaskRow, 'delivered' | 'deliveryWording' | 'startsFrom'> | undefined,
  ): Promise<DeliveryOrder | null> {
    const ofTask = await this.runs.ofTask(manager, taskId);
    const results = await this.runs.resultBriefs(
      manager,
      ofTask.map(({ id }) => id),
    );
    const source = ofTask.find(({ id }) => id === sourceRunId);
    const commit = results.find(({ runId }) => runId === sourceRunId)?.changeCommit;
    if (source?.baseCommit == null || commit == null || branch === null || deliveryMode === null) return null;
    const [made] = await this.runs.results(manager, [source.id]);
    const known = [task?.delivered?.commit, ...results.map(({ changeCommit }) => changeCommit)];
    return {
      sourceRunId: source.id,
      mode: deliveryMode,
      branch,
      baseCommit: bundleBase(source.baseCommit, task?.startsFrom),
      commit,
      knownCommits: [...new Set(known.filter((one) => one != null))],
      pullRequest: task?.delivered?.pullRequest ?? null,
      answer: made?.result?.text?.slice(0, maxAnswer) ?? null,
      wording: task?.deliveryWording ?? {},
    };
  }

  private async lastChange(manager: EntityManager, taskId: string): Promise<RunRow | null> {
    const runs = (await this.runs.ofTask(manager, taskId)).filter(
      ({ executor, status }) => executor !== 'deliver' && isFinal(status),
    );
    const last = runs.at(-1);
    if (last?.status !== 'succeeded') return null;
    const [brief] = await this.runs.resultBriefs(manager, [last.id]);
    return brief?.changeCommit == null ? null : last;
  }

  /** @throws AppError `nothing_to_deliver` when retention removed it. */
  private async demandKept(manager: EntityManager, { id, removedAt }: RunRow): Promise<void> {
    if (removedAt === null || (await this.runs.hasFile(manager, id, bundleName))) return;
    const text = `The change was removed by retention on ${dayOf(removedAt)}.`;
    throw new AppError('nothing_to_deliver', text, { hint: 'Retry the task to have it made anew: `corch retry`.' });
  }

  private async specOf(manager: EntityManager, taskId: string): Promise<RunSpec> {
    const task = (await this.runs.specs(manager, [taskId])).get(taskId);
    if (task === undefined) throw new Error(`the spec of task ${taskId} is missing`);
    return task.spec;
  }

  private async say({ manager }: Tx, run: RunRow, text: string): Promise<void> {
    run.lastSeq = await this.events.say(manager, run, this.clock(), { type: 'note', level: 'info', text });
    this.runs.update(manager, run.id, { lastSeq: run.lastSeq });
  }
}

function nothingToDeliver(taskId: string): AppError {
  return new AppError('nothing_to_deliver', `The last run of task ${taskId} made no change that can be delivered.`);
}
