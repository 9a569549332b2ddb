import { Inject, Injectable } from '@nestjs/common';
import type { ApprovalDecision, EventBody } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { LeasesService } from './leases.service.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { RunInbox } from './run-inbox.service.js';
import { RunStatus, type Tx } from './run-status.js';
import { spentMs } from './run-time.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** An event of the transcript about something that was asked. */
export type Said = EventBody & { type: 'approval' };

/**
 * The part of a run in what it asks people. `askedSince` is set exactly as long as something of it is open: the time does not count
 * against the run's timeout, and a run that is given back meanwhile rests until the last of it is decided.
 */
@Injectable()
export class RunAsking {
  constructor(
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(LeasesService) private readonly leases: LeasesService,
    @Inject(RunInbox) private readonly inbox: RunInbox,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The run, locked, for the worker that holds it.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  held(manager: EntityManager, runId: string, epoch: number): Promise<RunRow> {
    return this.leases.current(manager, runId, epoch);
  }

  /**
   * The run, locked, for a person.
   * @throws AppError `approval_not_found` when it was deleted meanwhile.
   */
  async lock(manager: EntityManager, runId: string): Promise<RunRow> {
    const run = await this.runs.lock(manager, runId);
    if (run === null) throw new AppError('approval_not_found', 'The task was deleted, and what it asked with it.');
    return run;
  }

  /** Where the files of the run's task come from: an address, or null. */
  repositoryUrl(manager: EntityManager, taskId: string): Promise<string | null> {
    return this.runs.repositoryUrl(manager, taskId);
  }

  /** Something is asked, or was asked before and is asked again. `run` is brought up to date, as by the others. */
  async ask(tx: Tx, run: RunRow, said: Said | null): Promise<void> {
    if (run.askedSince === null) {
      const now = this.clock();
      Object.assign(run, { askedSince: now, spentMs: spentMs(run, now), countedUntil: now });
    }
    await this.say(tx, run, said);
  }

  /** Something was decided at once, or nobody has to decide it any more. `stillOpen`: how much of what the run asked is open. */
  async settle(tx: Tx, run: RunRow, said: Said | null, stillOpen: number): Promise<void> {
    if (stillOpen === 0) this.noMore(run);
    await this.say(tx, run, said);
  }

  /** Somebody decided. The worker is told; a run that rests goes on when nothing else of it is open. */
  async answer(
    tx: Tx,
    run: RunRow,
    approval: { readonly id: string; readonly decision: ApprovalDecision; readonly by: string },
    said: Said,
    stillOpen: number,
  ): Promise<void> {
    await this.settle(tx, run, said, stillOpen);
    if (run.status === 'running') {
      const body = { approvalId: approval.id, decision: approval.decision };
      await this.inbox.say(tx, run, { kind: 'answer', body, by: approval.by, event: null });
    } else if (run.status === 'waiting' && run.reason === 'approval' && stillOpen === 0) {
      const text = 'It was decided; the run goes on as soon as a worker is free.';
      const patch = { readyAt: this.clock() };
      await this.status.move(tx, run, 'resume', { to: 'queued', reason: 'resuming', text, patch });
    }
  }

  private noMore(run: RunRow): void {
    if (run.askedSince === null) return;
    const now = this.clock();
    const counted = run.status === 'running' ? { spentMs: spentMs(run, now), countedUntil: now } : {};
    Object.assign(run, counted, { askedSince: null });
  }

  private async say({ manager, afterCommit }: Tx, run: RunRow, said: Said | null): Promise<void> {
    if (said !== null) run.lastSeq = await this.events.say(manager, run, this.clock(), said);
    const { lastSeq, askedSince, spentMs: spent, countedUntil } = run;
    this.runs.update(manager, run.id, { lastSeq, askedSince, spentMs: spent, countedUntil });
    afterCommit(() => {
      this.feed.notify(run.id);
      this.changes.changed('task', run.taskId);
      this.changes.changed('approval', run.taskId);
    });
  }
}
