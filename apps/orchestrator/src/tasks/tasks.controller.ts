import { Readable } from 'node:stream';
import { Controller, Inject, Res } from '@nestjs/common';
import {
  exportHead,
  exportLine,
  routes,
  type ExportFormat,
  type SentMessage,
  type Statistics,
  type Task,
  type TaskDetail,
  type TaskExplanation,
  type TaskPage,
  type TaskPreview,
  type Total,
} from '@corch/contract';
import type { FastifyReply } from 'fastify';
import { callerName, type Caller } from '../auth/caller.js';
import { Idempotent, type IdempotencySlot } from '../common/idempotency.js';
import { From, Given, Input, Route, type InputOf } from '../common/route.js';
import { HistoryService } from '../statistics/history.service.js';
import { PreviewService } from './preview.service.js';
import { TaskTalksService } from './task-talks.service.js';
import { TasksService } from './tasks.service.js';

@Controller()
export class TasksController {
  constructor(
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(TaskTalksService) private readonly talks: TaskTalksService,
    @Inject(PreviewService) private readonly previews: PreviewService,
    @Inject(HistoryService) private readonly history: HistoryService,
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
  listTasks(@Input() { query }: InputOf<typeof routes.listTasks>, @From() caller: Caller): Promise<TaskPage> {
    return this.tasks.list(query, callerName(caller));
  }

  @Route(routes.countTasks)
  countTasks(@Input() { query }: InputOf<typeof routes.countTasks>, @From() caller: Caller): Promise<Total> {
    return this.tasks.countOf(query, callerName(caller));
  }

  @Route(routes.exportTasks)
  async exportTasks(
    @Input() { query }: InputOf<typeof routes.exportTasks>,
    @From() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { format, ...filter } = query;
    const pages = this.tasks.pages(filter, callerName(caller));
    await reply
      .header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
      .header('content-disposition', `attachment; filename="tasks.${format}"`)
      .header('cache-control', 'no-store')
      .send(Readable.from(exportLines(format, pages)));
  }

  @Route(routes.previewTask)
  previewTask(
    @Input() { body }: InputOf<typeof routes.previewTask>,
    @Given() given: readonly string[],
  ): Promise<TaskPreview> {
    return this.previews.preview(body, given);
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
  async readStatistics(@Input() { query }: InputOf<typeof routes.readStatistics>): Promise<Statistics> {
    const { range, step, groupBy } = query;
    if (range === undefined) return this.tasks.statistics();
    const [now, history] = await Promise.all([this.tasks.statistics(), this.history.read({ range, step, groupBy })]);
    return { ...now, history };
  }
}

/** A page at a time: a reader that is slow is waited for. */
async function* exportLines(format: ExportFormat, pages: AsyncIterable<readonly Task[]>): AsyncGenerator<string> {
  yield exportHead(format);
  for await (const tasks of pages) yield tasks.map((task) => exportLine(format, task)).join('');
}
