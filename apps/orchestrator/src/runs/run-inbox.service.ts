import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EventBody, InboxItem, InboxKind, InboxPage } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { ControlFeed } from '../workers/control-feed.js';
import { LeasesService } from './leases.service.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import type { InboxBody, RunInboxRow } from './run-inbox.entity.js';
import { RunInboxRepository } from './run-inbox.repository.js';
import type { Tx } from './run-status.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** At most so many in one answer: a message may have a megabyte. */
const pageItems = 10;

/** Something to say to a run. */
export interface Said<K extends InboxKind = InboxKind> {
  readonly kind: K;
  readonly body: InboxBody;
  readonly by: string;
  /** What the transcript says of it; nothing when it tells that otherwise. */
  readonly event: EventBody | null;
  /** Given when it was said to an earlier run already. */
  readonly id?: string;
}

/**
 * What is said to runs: one durable list for each, numbered under the lock on the run. Its worker is told that there is more (at once,
 * and with every answer to its lines and heartbeats), reads it, and keeps it; nothing is gone because somebody was away.
 */
@Injectable()
export class RunInbox {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunInboxRepository) private readonly items: RunInboxRepository,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(LeasesService) private readonly leases: LeasesService,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Says something to a run, in the transaction that has locked it: the item, what the transcript says of it, and afterwards a word to
   * the worker that holds the run. `run` is brought up to date.
   *
   * @returns the id of the item
   */
  async say(
    { manager, afterCommit }: Tx,
    run: RunRow,
    { kind, body, by, event, id = randomUUID() }: Said,
  ): Promise<string> {
    const now = this.clock();
    const n = run.inboxN + 1;
    const open = { takenEpoch: null, takenAt: null, doneAt: null };
    await this.items.insert(manager, { runId: run.id, n, id, kind, body, by, createdAt: now, ...open });
    run.inboxN = n;
    if (event !== null) run.lastSeq = await this.events.say(manager, run, now, event);
    this.runs.update(manager, run.id, { inboxN: n, lastSeq: run.lastSeq });
    const { id: runId, taskId, workerId, leaseEpoch: epoch, status } = run;
    afterCommit(() => {
      if (workerId !== null && status === 'running') this.control.push(workerId, { type: 'inbox', runId, epoch, n });
      this.feed.notify(runId);
      this.changes.changed('task', taskId);
    });
    return id;
  }

  /**
   * What was said after item `after`, for the worker that holds the run; it has everything up to there on its disk.
   * @throws AppError `run_not_found` or `stale_lease`.
   */
  async read(runId: string, epoch: number, after: number): Promise<InboxPage> {
    return this.database.write(async (manager) => {
      const { inboxN } = await this.leases.current(manager, runId, epoch);
      if (after > 0) await this.items.markTaken(manager, runId, after, epoch, this.clock());
      const rows = await this.items.after(manager, runId, after, pageItems);
      return { items: rows.map(toItem), inboxN };
    });
  }
}

function toItem({ n, id, kind, body, by, createdAt }: RunInboxRow): InboxItem {
  return { n, id, by, at: new Date(createdAt).toISOString(), kind, ...body } as InboxItem;
}
