import { Controller, Inject } from '@nestjs/common';
import {
  routes,
  type SentMessage,
  type Statistics,
  type TaskDetail,
  type TaskExplanation,
  type TaskPage,
} from '@corch/contract';
import { callerName, type Caller } from '../auth/caller.js';
import { Idempotent, type IdempotencySlot } from '../common/idempotency.js';
import { From, Given, Input, Route, type InputOf } from '../common/route.js';
import { TaskTalksService } from './task-talks.service.js';
import { TasksService } from './tasks.service.js';

@Controller()
export class TasksController {
  constructor(
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(TaskTalksService) private readonly talks: TaskTalksService,
  ) {}

  @Route(routes.submitTask)
  submitTask(
    @Input() { body }: InputOf<typeof routes.submitTask>,
    @Given() given: readonly string[],
    @From() caller: Caller,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<TaskDetail> {
    return this.tasks.submit(body, given, callerName(caller), slot);
  }

  @Route(routes.listTasks)
  listTasks(@Input() { query }: InputOf<typeof routes.listTasks>): Promise<TaskPage> {
    return this.tasks.list(query);
  }

  @Route(routes.readTask)
  readTask(@Input() { params }: InputOf<typeof routes.readTask>): Promise<TaskDetail> {
    return this.tasks.read(params.taskId);
  }

  @Route(routes.editTask)
  editTask(@Input() { params, body }: InputOf<typeof routes.editTask>, @From() caller: Caller): Promise<TaskDetail> {
    return this.tasks.edit(params.taskId, body, callerName(caller));
  }

  @Route(routes.cancelTask)
  cancelTask(@Input() { params }: InputOf<typeof routes.cancelTask>, @From() caller: Caller): Promise<TaskDetail> {
    return this.tasks.cancel(params.taskId, callerName(caller));
  }

  @Route(routes.retryTask)
  retryTask(
    @Input() { params, query }: InputOf<typeof routes.retryTask>,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<TaskDetail> {
    return this.tasks.retry(params.taskId, slot, query.from);
  }

  @Route(routes.sendMessage)
  sendMessage(
    @Input() { params, body }: InputOf<typeof routes.sendMessage>,
    @From() caller: Caller,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<SentMessage> {
    return this.talks.send(params.taskId, body, callerName(caller), slot);
  }

  @Route(routes.interruptTask)
  interruptTask(
    @Input() { params }: InputOf<typeof routes.interruptTask>,
    @From() caller: Caller,
  ): Promise<TaskDetail> {
    return this.talks.interrupt(params.taskId, callerName(caller));
  }

  @Route(routes.forkTask)
  forkTask(
    @Input() { params, body }: InputOf<typeof routes.forkTask>,
    @From() caller: Caller,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<TaskDetail> {
    return this.talks.fork(params.taskId, body, callerName(caller), slot);
  }

  @Route(routes.deliverTask)
  deliverTask(
    @Input() { params, body }: InputOf<typeof routes.deliverTask>,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<TaskDetail> {
    return this.tasks.deliver(params.taskId, body, slot);
  }

  @Route(routes.explainTask)
  explainTask(@Input() { params }: InputOf<typeof routes.explainTask>): Promise<TaskExplanation> {
    return this.tasks.explain(params.taskId);
  }

  @Route(routes.releaseTask)
  releaseTask(
    @Input() { params, body }: InputOf<typeof routes.releaseTask>,
    @From() caller: Caller,
  ): Promise<TaskDetail> {
    return this.tasks.release(params.taskId, callerName(caller), body.force);
  }

  @Route(routes.deleteTask)
  async deleteTask(@Input() { params }: InputOf<typeof routes.deleteTask>): Promise<void> {
    await this.tasks.delete(params.taskId);
  }

  @Route(routes.readStatistics)
  readStatistics(): Promise<Statistics> {
    return this.tasks.statistics();
  }
}
