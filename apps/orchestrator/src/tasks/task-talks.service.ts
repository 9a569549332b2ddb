import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ForkTask, SendMessage, SentMessage, TaskDetail } from '@corch/contract';
import type { z } from 'zod';
import { AppError } from '../common/app-error.js';
import type { IdempotencySlot } from '../common/idempotency.js';
import { newId } from '../common/ids.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { Conversation, type SaidTo } from '../runs/conversation.service.js';
import { messageText } from '../runs/message-text.js';
import { noFailures } from '../runs/run-rules.js';
import { currentRunOf, type Tx } from '../runs/run-status.js';
import type { RunRow } from '../runs/run.entity.js';
import { RunsService } from '../runs/runs.service.js';
import { displayTitle, promptPreview, searchText } from './task-rules.js';
import { TasksRepository } from './tasks.repository.js';
import { nothingMade, TasksService } from './tasks.service.js';

const nothingToFork =
  'No session and files of the run are kept, so there is nothing to fork. They are kept when a run pauses or ends, and removed ' +
  'when it becomes too old: wait for its end, or submit a new task.';

/** What people say to tasks, and the tasks that branch off what was said. */
@Injectable()
export class TaskTalksService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TasksService) private readonly service: TasksService,
    @Inject(TasksRepository) private readonly tasks: TasksRepository,
    @Inject(RunsService) private readonly runs: RunsService,
    @Inject(Conversation) private readonly talk: Conversation,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `task_not_found` or `no_conversation`. */
  async send(
    taskId: string,
    asked: z.output<typeof SendMessage>,
    by: string,
    slot: IdempotencySlot,
  ): Promise<SentMessage> {
    const said = (await this.repeated(slot)) ?? (await this.say(taskId, asked, by, slot));
    return { ...said, task: await this.service.read(taskId) };
  }

  /** @throws AppError `task_not_found`, `no_conversation` or `task_not_running`. */
  async interrupt(taskId: string, by: string): Promise<TaskDetail> {
    await this.database.write((manager, afterCommit) => this.talk.interrupt({ manager, afterCommit }, taskId, by));
    return this.service.read(taskId);
  }

  /**
   * Opens a new task with a copy of the session and files of a run.
   * @throws AppError `task_not_found`, `run_not_found`, `no_conversation` or `nothing_kept`.
   */
  async fork(
    taskId: string,
    { prompt, runId }: z.output<typeof ForkTask>,
    by: string,
    slot: IdempotencySlot,
  ): Promise<TaskDetail> {
    if (slot.resourceId !== null) return this.service.read(slot.resourceId);
    const now = this.clock();
    const id = newId('task', now);
    await this.database.write(async (manager, afterCommit) => {
      const tx = { manager, afterCommit };
      const found = await this.tasks.findInFull(manager, taskId);
      if (found === null) throw new AppError('task_not_found', `There is no task ${taskId}.`);
      if (found.task.executor !== 'claude') {
        throw new AppError(
          'no_conversation',
          'This task runs a command, which has no session to fork. Submit it anew instead.',
        );
      }
      const source = await this.forked(tx, taskId, runId);
      const asked = { ...found.spec, prompt: prompt ?? found.spec.prompt };
      const title = prompt === undefined ? `Fork of ${found.task.title}`.slice(0, 200) : displayTitle(asked);
      const facts = { startAt: null, submittedBy: by, createdAt: now, updatedAt: now };
      const wanted = { ...found.task, ...nothingMade, id, title, promptPreview: promptPreview(asked), ...facts };
      const continues = { id: source.id, sessionId: randomUUID() };
      const plan = { attempt: 1, trigger: 'fork', readyAt: now, failures: noFailures, continues } as const;
      const run = this.runs.plan(wanted, plan);
      const search = searchText(title, asked);
      this.tasks.insert(manager, { ...wanted, ...currentRunOf(run) }, { taskId: id, spec: found.spec, search });
      await this.runs.store(tx, run);
      if (prompt !== undefined) await this.talk.put(tx, run, prompt, by);
      await slot.commit(manager, id);
      afterCommit(() => this.logger.info('task forked', { taskId: id, from: source.id, by }));
    });
    return this.service.read(id);
  }

  private async forked(tx: Tx, taskId: string, runId: string | undefined): Promise<RunRow> {
    const run = runId === undefined ? await this.talk.lastWorked(tx, taskId) : await this.runs.find(runId);
    if (runId !== undefined && run?.taskId !== taskId) {
      throw new AppError('run_not_found', `The task ${taskId} has no run ${runId}.`);
    }
    if (run?.checkpointEpoch != null) return run;
    throw new AppError('nothing_kept', nothingToFork);
  }

  private async repeated(slot: IdempotencySlot): Promise<SaidTo | null> {
    if (slot.resourceId === null) return null;
    return this.talk.find({ manager: this.database.read }, slot.resourceId);
  }

  private say(taskId: string, asked: z.output<typeof SendMessage>, by: string, slot: IdempotencySlot): Promise<SaidTo> {
    const message = { text: messageText(asked), interrupt: asked.interrupt, by };
    return this.database.write(async (manager, afterCommit) => {
      const said = await this.talk.say({ manager, afterCommit }, taskId, message);
      await slot.commit(manager, said.messageId);
      afterCommit(() => this.logger.info('task was spoken to', { taskId, by, ...said }));
      return said;
    });
  }
}
