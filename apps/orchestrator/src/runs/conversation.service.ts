import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isFinal } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { RunInbox } from './run-inbox.service.js';
import type { RunInboxRow } from './run-inbox.entity.js';
import { RunInboxRepository } from './run-inbox.repository.js';
import { noFailures } from './run-rules.js';
import { RunStatus, type Tx } from './run-status.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository, type RunnableTask } from './runs.repository.js';
import { RunsService } from './runs.service.js';

/** So long the worker that has the files of a run is waited for before another goes on from the checkpoint. */
export const headStartMs = 5000;

export interface Message {
  readonly text: string;
  /** Stop the turn under way first. */
  readonly interrupt: boolean;
  readonly by: string;
}

/** Where something was said. */
export interface SaidTo {
  readonly messageId: string;
  readonly runId: string;
  /** The run was opened for it. */
  readonly opened: boolean;
}

/** What people say to tasks: into the run that goes on, or into a new one in the same session. */
@Injectable()
export class Conversation {
  constructor(
    @Inject(RunsService) private readonly service: RunsService,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunInbox) private readonly inbox: RunInbox,
    @Inject(RunInboxRepository) private readonly items: RunInboxRepository,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Says something to a task. A run that goes on hears it; of a task that has ended a new run goes on in the same session.
   * @throws AppError `task_not_found` or `no_conversation`.
   */
  async say(tx: Tx, taskId: string, { text, interrupt, by }: Message): Promise<SaidTo> {
    const current = await this.service.lockCurrent(tx.manager, taskId);
    const task = await this.demandClaude(tx, taskId);
    if (isFinal(current.status)) {
      const run = await this.openFollowUp(tx, task, current);
      return { messageId: await this.put(tx, run, text, by), runId: run.id, opened: true };
    }
    if (interrupt && current.status === 'running') await this.putInterrupt(tx, current, by);
    const messageId = await this.put(tx, current, text, by);
    if (current.status === 'waiting' && current.reason === 'input') await this.resume(tx, current);
    return { messageId, runId: current.id, opened: false };
  }

  /** Where a message went that was sent before. Null when its task was deleted meanwhile. */
  async find(tx: Pick<Tx, 'manager'>, messageId: string): Promise<SaidTo | null> {
    const item = await this.items.find(tx.manager, messageId);
    const run = item === null ? null : await this.runs.find(tx.manager, item.runId);
    return run === null ? null : { messageId, runId: run.id, opened: run.trigger === 'message' && item?.n === 1 };
  }

  /**
   * Stops the turn under way. Asking again before the worker heard of it is fine.
   * @throws AppError `task_not_found`, `no_conversation` or `task_not_running`.
   */
  async interrupt(tx: Tx, taskId: string, by: string): Promise<void> {
    const run = await this.service.lockCurrent(tx.manager, taskId);
    await this.demandClaude(tx, taskId);
    if (run.status !== 'running') {
      throw new AppError('task_not_running', `The task is ${run.status}; there is no turn to stop.`, {
        currentStatus: run.status,
      });
    }
    await this.putInterrupt(tx, run, by);
  }

  /** The run that was opened after this one, as for its delivery; null when none was. */
  async runAfter({ manager }: Tx, run: RunRow): Promise<RunRow | null> {
    const id = await this.runs.currentRunId(manager, run.taskId);
    return id === null || id === run.id ? null : this.runs.find(manager, id);
  }

  /** After a run was parked or has ended: `inboxN` items were taken care of; whatever else was said goes on. */
  async settle(tx: Tx, run: RunRow, inboxN: number, next: RunRow | null): Promise<void> {
    if (run.inboxN === 0) return;
    const { manager } = tx;
    if (inboxN > 0) await this.items.markDone(manager, run.id, inboxN, this.clock());
    // A delivery tells nobody anything; what was not told goes on from there.
    if (next !== null) return this.carry(tx, run, next, next.executor !== 'deliver');
    const open = await this.items.ofKind(manager, run.id, 'message', true);
    if (open.length === 0) return;
    if (!isFinal(run.status)) {
      if (run.status === 'waiting' && run.reason === 'input') await this.resume(tx, run);
      return;
    }
    // A cancel takes back what had not reached Claude by then.
    const cancelledAt = run.cancelRequestedAt ?? run.endedAt ?? 0;
    const isHeard = run.status !== 'cancelled' || open.some(({ createdAt }) => createdAt > cancelledAt);
    // A run that was opened to tell something and could not is not followed by another one for ever.
    if (!isHeard || (run.trigger === 'message' && run.status !== 'succeeded')) return;
    await this.openFollowUp(tx, await this.runs.runnableTask(manager, run.taskId), run);
  }

  /**
   * Opens a run that goes on where the last one of Claude stopped.
   * @throws AppError `nothing_kept` when there is none.
   */
  async openContinuation(tx: Tx, taskId: string): Promise<void> {
    const current = await this.service.demandEnded(tx.manager, taskId);
    const task = await this.demandClaude(tx, taskId);
    const source = await this.goesOnFrom(tx, taskId);
    if (source === null) {
      const text =
        'No run of the task has begun to work, so there is nothing to go on from. Retry it without going on.';
      throw new AppError('nothing_kept', text);
    }
    await this.open(tx, task, current, source, 'retry');
  }

  /**
   * Opens a run that begins anew; that of a fork begins where the fork branched off, with what was asked of it.
   * @throws AppError `task_not_found` or `task_not_finished`.
   */
  async openAnew(tx: Tx, taskId: string): Promise<void> {
    const current = await this.service.demandEnded(tx.manager, taskId);
    const task = await this.runs.runnableTask(tx.manager, taskId);
    const [first] = await this.runs.ofTask(tx.manager, taskId);
    const source = await this.forkedFrom(tx, first);
    const isFork = first !== undefined && source !== null;
    const run = this.service.plan(task, {
      ...{ attempt: current.attempt + 1, readyAt: this.clock(), failures: noFailures },
      trigger: isFork ? 'fork' : 'retry',
      ...(isFork && { continues: continuing(task.id, source) }),
    });
    await this.service.store(tx, run);
    if (!isFork) return;
    const [asked] = await this.items.ofKind(tx.manager, first.id, 'message', false);
    if (asked !== undefined) await this.hand(tx, asked, run);
  }

  /** The run to go on from: the last one of Claude that somebody worked on. */
  async lastWorked({ manager }: Pick<Tx, 'manager'>, taskId: string): Promise<RunRow | null> {
    const runs = await this.runs.ofTask(manager, taskId);
    const worked = runs.filter(
      (run) => run.executor === 'claude' && (run.workedEpoch !== null || run.checkpointEpoch !== null),
    );
    return worked.at(-1) ?? null;
  }

  /** As {@link lastWorked}; for a fork that nobody worked on yet it is the run that it is a fork of. */
  private async goesOnFrom(tx: Tx, taskId: string): Promise<RunRow | null> {
    const worked = await this.lastWorked(tx, taskId);
    if (worked !== null) return worked;
    const [first] = await this.runs.ofTask(tx.manager, taskId);
    return this.forkedFrom(tx, first);
  }

  /** The run of another task of which the `first` run of a task has a copy; null when it has none, or that is deleted. */
  private async forkedFrom({ manager }: Tx, first: RunRow | undefined): Promise<RunRow | null> {
    if (first?.trigger !== 'fork' || first.continuesRunId === null) return null;
    return this.runs.find(manager, first.continuesRunId);
  }

  /** Says words to a run, which must be locked or new. */
  put(tx: Tx, run: RunRow, text: string, by: string): Promise<string> {
    const id = randomUUID();
    const event = { type: 'message', id, by, text } as const;
    return this.inbox.say(tx, run, { kind: 'message', body: { text }, by, id, event });
  }

  private putInterrupt(tx: Tx, run: RunRow, by: string): Promise<string> {
    const event = { type: 'action', action: 'interrupt', by, text: `${by} interrupted the turn.` } as const;
    return this.inbox.say(tx, run, { kind: 'interrupt', body: {}, by, event });
  }

  private async openFollowUp(tx: Tx, task: RunnableTask, current: RunRow): Promise<RunRow> {
    return this.open(tx, task, current, await this.goesOnFrom(tx, task.id), 'message');
  }

  private async open(
    tx: Tx,
    task: RunnableTask,
    current: RunRow,
    source: RunRow | null,
    trigger: 'message' | 'retry',
  ): Promise<RunRow> {
    const now = this.clock();
    const planned = this.service.plan(task, {
      attempt: current.attempt + 1,
      trigger,
      readyAt: now,
      failures: noFailures,
      ...(source !== null && { continues: continuing(task.id, source) }),
    });
    const run: RunRow = {
      ...planned,
      ...(source?.taskId === task.id && { branch: source.branch ?? planned.branch, ...preferring(source, now) }),
    };
    await this.service.store(tx, run);
    await this.carry(tx, current, run, false);
    const fields = { runId: run.id, taskId: task.id, trigger, continues: source?.id ?? null };
    tx.afterCommit(() => this.logger.info('run opened', fields));
    return run;
  }

  /** Hands messages on to the next run: those that nobody took care of, or all, as that run may begin without the session. */
  private async carry(tx: Tx, from: RunRow, to: RunRow, all: boolean): Promise<void> {
    if (from.inboxN === 0) return;
    for (const item of await this.items.ofKind(tx.manager, from.id, 'message', !all)) await this.hand(tx, item, to);
    await this.items.markDone(tx.manager, from.id, from.inboxN, this.clock());
  }

  private async hand(tx: Tx, { id, body, by }: RunInboxRow, to: RunRow): Promise<void> {
    const text = 'text' in body ? body.text : '';
    const event = { type: 'message', id, by, text, carried: true } as const;
    await this.inbox.say(tx, to, { kind: 'message', body, by, id, event });
  }

  private async resume(tx: Tx, run: RunRow): Promise<void> {
    const patch = preferring(run, this.clock());
    await this.status.move(tx, run, 'resume', { to: 'queued', reason: 'resuming', text: null, patch });
  }

  private async demandClaude({ manager }: Tx, taskId: string): Promise<RunnableTask> {
    const task = await this.runs.runnableTask(manager, taskId);
    if (task.executor === 'claude') return task;
    throw new AppError('no_conversation', 'This task runs a command, which nobody can talk to.');
  }
}

/** The session of another task is copied into one of its own. */
function continuing(taskId: string, source: RunRow): { id: string; sessionId: string } {
  return { id: source.id, sessionId: source.taskId === taskId ? source.sessionId : randomUUID() };
}

/** The worker that has the files goes first for a moment. */
function preferring({ workerId }: RunRow, now: number): Pick<RunRow, 'preferredWorkerId' | 'preferredUntil'> {
  return { preferredWorkerId: workerId, preferredUntil: workerId === null ? null : now + headStartMs };
}
