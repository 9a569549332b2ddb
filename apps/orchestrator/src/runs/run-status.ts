import { Inject, Injectable } from '@nestjs/common';
import { isFinal, type Reason, type Status } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { ApprovalRow } from '../approvals/approval.entity.js';
import { Changes } from '../changes/changes.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database, type AfterCommit } from '../database/database.js';
import { announcementOf } from './announcement.js';
import { sessionOf } from '../database/session.js';
import { Table } from '../database/table.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { Meters } from '../metrics/meters.js';
import { TaskRow } from '../tasks/task.entity.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { isLegal, moveRow, type Move } from './run-rules.js';
import { RunRow } from './run.entity.js';
import type { RunPatch } from './runs.repository.js';

const runTable = new Table(RunRow);
const taskTable = new Table(TaskRow);
const approvalTable = new Table(ApprovalRow);

/** A running transaction: what it may use, and what shall happen once it is committed. */
export interface Tx {
  readonly manager: EntityManager;
  readonly afterCommit: AfterCommit;
}

export interface Target {
  readonly to: Status;
  readonly reason: Reason | null;
  /** What the status event says; a sentence, or null where the status says it all. */
  readonly text: string | null;
  /** What else changes with it. */
  readonly patch?: RunPatch;
}

/**
 * The one writer of `status`: every move of a run, and with it the status of its task, is written here, in one transaction with the
 * event that tells of it.
 */
@Injectable()
export class RunStatus {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(Meters) private readonly meters: Meters,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Stores a new run and makes it the current one of its task; a task that is new was stored with it. `run.status` is `queued` or
   * `scheduled`.
   */
  async open(tx: Tx, run: RunRow, text: string | null): Promise<void> {
    const { manager } = tx;
    runTable.insert(manager, { ...run, lastSeq: run.lastSeq + 1 });
    run.lastSeq = await this.sayStatus(manager, run, text);
    if (run.trigger !== 'submit') {
      // A run that delivers goes on showing what the one before it has made.
      const made = run.executor === 'deliver' ? {} : { changedFiles: null, changedLines: null };
      const change = { ...currentRunOf(run), ...made, updatedAt: this.clock() };
      const { sql, parameters } = taskTable.update(change, 'id = $1', [run.taskId]);
      sessionOf(manager).send(sql, parameters);
    }
    this.tell(tx, run, null);
  }

  /**
   * Moves a run that the transaction has read and locked, and returns it as it is then. An illegal move is a bug and throws; that
   * somebody else has moved it in spite of the lock is one, too, and undoes the transaction.
   */
  async move(tx: Tx, run: RunRow, move: Move, target: Target): Promise<RunRow> {
    if (!isLegal(move, run.status, target.to)) {
      throw new Error(`${move} cannot take run ${run.id} from ${run.status} to ${target.to}`);
    }
    const { manager } = tx;
    const now = this.clock();
    const change = {
      ...target.patch,
      ...(target.to === 'running' ? {} : { leaseExpiresAt: null }),
      ...(isFinal(target.to) ? { endedAt: now, askedSince: null } : {}),
      status: target.to,
      reason: target.reason,
      leaseEpoch: run.leaseEpoch + (moveRow(move).newEpoch ? 1 : 0),
    };
    const moved: RunRow = { ...run, ...change };
    const session = sessionOf(manager);
    const update = runTable.update(
      { ...change, lastSeq: moved.lastSeq + 1 },
      'id = $1 AND status = $2 AND lease_epoch = $3',
      [run.id, run.status, run.leaseEpoch],
    );
    session.sendOne(update.sql, update.parameters);
    if (isFinal(target.to) && run.askedSince !== null) this.expireApprovals(tx, run);
    moved.lastSeq = await this.sayStatus(manager, moved, target.text);
    const follow = taskTable.update({ ...currentRunOf(moved), updatedAt: now }, 'id = $1 AND current_run_id = $2', [
      moved.taskId,
      moved.id,
    ]);
    session.send(follow.sql, follow.parameters);
    this.tell(tx, moved, run);
    return moved;
  }

  /** Nobody has to decide any more what a run asked that has ended. */
  private expireApprovals({ manager, afterCommit }: Tx, { id, taskId }: RunRow): void {
    const { sql, parameters } = approvalTable.update({ status: 'expired' }, `run_id = $1 AND status = 'open'`, [id]);
    sessionOf(manager).send(sql, parameters);
    afterCommit(() => this.changes.changed('approval', taskId));
  }

  /**
   * Gives tasks what their current run says again, where a bug or a hand in the database gave them another status. The status alone is
   * compared, as by whoever looks for such tasks.
   */
  async mend(taskIds: readonly string[]): Promise<string[]> {
    const mended: string[] = [];
    for (const id of taskIds) {
      const wasWrong = await this.database.write(async (manager, afterCommit) => {
        const task = await manager.createQueryBuilder(TaskRow, 't').where({ id }).getOne();
        if (task === null) return false;
        const run = await manager.createQueryBuilder(RunRow, 'r').where({ id: task.currentRunId }).getOne();
        if (run === null || run.status === task.status) return false;
        await manager.createQueryBuilder().update(TaskRow).set(currentRunOf(run)).where({ id }).execute();
        afterCommit(() => this.changes.changed('task', id));
        return true;
      });
      if (wasWrong) mended.push(id);
    }
    return mended;
  }

  private sayStatus(manager: EntityManager, run: RunRow, text: string | null): Promise<number> {
    const { status, reason, workerName } = run;
    return this.events.say(manager, run, this.clock(), { type: 'status', status, reason, text, workerName });
  }

  private tell({ afterCommit }: Tx, run: RunRow, before: RunRow | null): void {
    const worker = run.workerId ?? before?.workerId;
    afterCommit(() => {
      if (isFinal(run.status)) this.meters.runEnded(run);
      if (isAnnounced(run)) {
        this.queue.announce(announcementOf(run));
        // Once more for everybody, when the head start of one worker is over.
        const { preferredUntil } = run;
        if (run.status === 'queued' && preferredUntil !== null && preferredUntil > this.clock()) {
          this.queue.announce({ ...announcementOf(run), readyAt: preferredUntil });
        }
      }
      // A claim tells the queue by itself, of all its runs together.
      else if (before !== null && isAnnounced(before) && run.status !== 'running')
        this.queue.withdraw(announcementOf(before));
      this.feed.notify(run.id);
      this.changes.changed('task', run.taskId);
      this.changes.changed('pool', run.pool);
      if (worker != null) this.changes.changed('worker', worker);
    });
  }
}

/** What a task says of its current run. */
export function currentRunOf(
  run: RunRow,
): Pick<TaskRow, 'status' | 'reason' | 'startedAt' | 'endedAt' | 'currentRunId' | 'runCount'> {
  const { status, reason, startedAt, endedAt } = run;
  return { status, reason, startedAt, endedAt, currentRunId: run.id, runCount: run.attempt };
}

/** Whether the queue is told of a run that stands so: now, or at its time. */
function isAnnounced({ status, reason }: RunRow): boolean {
  return status === 'queued' || status === 'scheduled' || (status === 'waiting' && reason === 'usage_limit');
}
