import {
  isFinal,
  statuses,
  type Changed,
  type CreateKey,
  type EditSettings,
  type EditTask,
  type ForkTask,
  type RouteName,
  type Scope,
  type SendMessage,
  type StatisticsQuery,
  type SubmittedTask,
  type TaskDetail,
  type TaskQuery,
  type Worker,
} from '@corch/contract';
import type { World } from './fixture-world.js';
import { decide, listApprovals } from './fixture-approvals.js';
import { Failure } from './fixture-failure.js';
import { fitsFilter } from './fixture-filter.js';
import { sampleStats } from './fixture-stats.js';
import { listAnswerers, sampleHistory } from './fixture-lists.js';
import { repositoryAnswerers } from './fixture-repositories.js';
import { ago, makeId, makeRun, makeTask } from './make.js';
import { makeEnrolment, makeKey } from './fixture-world.js';

export interface Asked {
  params: Record<string, string>;
  query: unknown;
  body: unknown;
}

export interface Around {
  world: World;
  scope: Scope;
  notify: (topic: Changed['topic'], id: string) => void;
}

export type Answerer = (asked: Asked, around: Around) => unknown;

function taskOf({ params }: Asked, world: World): TaskDetail {
  const task = world.tasks.find((candidate) => candidate.id === params['taskId']);
  if (task === undefined) throw new Failure('task_not_found');
  return task;
}

/** Replaces the current run and what the task repeats of it, and tells the pages. */
function changeRun(task: TaskDetail, part: Partial<TaskDetail['currentRun']>, around: Around): TaskDetail {
  Object.assign(task.currentRun, part);
  const { status, reason, reasonText, hint, endedAt } = task.currentRun;
  Object.assign(task, { status, reason, reasonText, hint, endedAt, updatedAt: new Date().toISOString() });
  around.notify('task', task.id);
  return task;
}

function changeWorker({ params }: Asked, part: Partial<Worker>, around: Around): Worker {
  const worker = around.world.workers.find((candidate) => candidate.id === params['workerId']);
  if (worker === undefined) throw new Failure('worker_not_found');
  Object.assign(worker, part);
  around.notify('worker', worker.id);
  return worker;
}

function obstacleOf(worker: Worker, pool: string): string | null {
  if (!worker.pools.includes(pool)) return `does not serve the pool ${pool}`;
  if (worker.state === 'offline') return 'is offline';
  if (worker.mode !== 'active') return `is ${worker.mode}`;
  if (worker.loginHold === null) return null;
  const { until, message } = worker.loginHold;
  if (until === null) return `The login of the worker ${worker.name} was refused by Claude (${message}).`;
  return `The plan limit of the login on the worker ${worker.name} is reached; it resets at ${until}.`;
}

const sampleBlobs = [
  { name: 'patch.diff', size: 1200 },
  { name: 'artifact/coverage/index.html', size: 48_213 },
  {
    name: 'artifact/reports/a very long name of a report that was written by the tests of the catalogue.xml',
    size: 912,
  },
].map((blob) => ({ ...blob, contentType: 'text/plain', sha256: 'a'.repeat(64), createdAt: ago(25) }));

function matches(task: TaskDetail, query: TaskQuery): boolean {
  const text = query.q?.toLowerCase();
  return (
    (query.status === undefined || query.status.includes(task.status)) &&
    (query.pool === undefined || query.pool.includes(task.pool)) &&
    (query.label === undefined || query.label.every((label) => task.labels.includes(label))) &&
    (query.filter === undefined || fitsFilter(task, query.filter)) &&
    (text === undefined || `${task.title} ${task.promptPreview}`.toLowerCase().includes(text))
  );
}

/** What each route answers; the rows that only workers call are left out. */
export const answerers: Partial<Record<RouteName, Answerer>> = {
  ...repositoryAnswerers,
  ...listAnswerers,
  listTasks: (asked, { world }) => {
    const query = asked.query as TaskQuery;
    const all = world.tasks
      .filter((task) => matches(task, query))
      .toSorted((left, right) => right.createdAt.localeCompare(left.createdAt));
    const start = query.cursor === undefined ? 0 : all.findIndex((task) => task.id === query.cursor) + 1;
    const data = all.slice(start, start + query.limit);
    const hasMore = start + query.limit < all.length;
    return {
      data,
      hasMore,
      nextCursor: hasMore ? (data.at(-1)?.id ?? null) : null,
      total: { value: all.length, relation: 'eq' },
    };
  },
  readTask: (asked, { world }) => taskOf(asked, world),
  submitTask: ({ body }, around) => {
    const spec = body as SubmittedTask;
    if (spec.pool === 'nowhere') throw new Failure('pool_unknown', [], 'There is no pool “nowhere”.');
    if (spec.repository !== undefined && 'path' in spec.repository && spec.repository.path.includes('missing')) {
      throw new Failure('validation_failed', [
        { pointer: '/repository/path', code: 'not_found', message: 'there is nothing at this path' },
      ]);
    }
    const n = 1000 + around.world.tasks.length;
    const run = makeRun(n, { status: 'queued', createdAt: new Date().toISOString() });
    const task = makeTask(n, run, { title: spec.title ?? spec.prompt?.split('\n')[0] ?? 'A command' });
    around.world.tasks.push(task);
    around.notify('task', task.id);
    return task;
  },
  editTask: (asked, around) => {
    const task = Object.assign(taskOf(asked, around.world), asked.body as EditTask);
    around.notify('task', task.id);
    return task;
  },
  cancelTask: (asked, around) => {
    const task = taskOf(asked, around.world);
    if (isFinal(task.status)) throw new Failure('task_not_cancellable');
    return task.status === 'running'
      ? changeRun(task, { reason: 'cancelling', reasonText: 'Cancel was asked for; the worker is ending it.' }, around)
      : changeRun(task, { status: 'cancelled', reason: 'user', endedAt: new Date().toISOString() }, around);
  },
  retryTask: (asked, around) => {
    const task = taskOf(asked, around.world);
    if (!isFinal(task.status)) throw new Failure('task_not_finished');
    const before = task.currentRun;
    around.world.earlier.set(task.id, [...(around.world.earlier.get(task.id) ?? []), before]);
    task.currentRun = makeRun(2000 + around.world.tasks.length, {
      taskId: task.id,
      status: 'queued',
      attempt: before.attempt + 1,
      trigger: 'retry',
      continuesRunId: (asked.query as { from?: string }).from === 'continue' ? before.id : null,
    });
    task.runCount = task.currentRun.attempt;
    task.currentRunId = task.currentRun.id;
    return changeRun(task, {}, around);
  },
  sendMessage: (asked, around) => {
    const task = taskOf(asked, around.world);
    around.world.said.push(asked.body as SendMessage);
    around.notify('task', task.id);
    const messageId = '0b5c1b62-7d6f-4a76-9d0e-0a4f4a8c9e11';
    return { messageId, runId: task.currentRunId, opened: isFinal(task.status), task };
  },
  interruptTask: (asked, around) => taskOf(asked, around.world),
  forkTask: (asked, { world }) => {
    taskOf(asked, world);
    const { prompt = 'Fork', runId = '' } = asked.body as ForkTask;
    const n = 3000 + world.tasks.length;
    const run = makeRun(n, { status: 'queued', trigger: 'fork', continuesRunId: runId });
    const task = makeTask(n, run, { title: prompt });
    world.tasks.unshift(task);
    return task;
  },
  deliverTask: (asked, around) => {
    const task = taskOf(asked, around.world);
    task.delivered = {
      branch: task.branch ?? 'corch/change',
      commit: 'c'.repeat(40),
      pullRequest: { number: 7, url: 'https://git.example.org/acme/api/pull/7' },
    };
    return changeRun(task, {}, around);
  },
  explainTask: (asked, { world }) => {
    const { id: taskId, currentRunId: runId, status, reason, reasonText, hint, pool } = taskOf(asked, world);
    const workers = world.workers.map((worker) => ({
      id: worker.id,
      name: worker.name,
      online: worker.state === 'online',
      obstacle: obstacleOf(worker, pool),
    }));
    const isQueued = status === 'queued';
    return { taskId, runId, status, reason, reasonText, hint, ahead: isQueued ? 2 : null, workers };
  },
  releaseTask: (asked, around) => {
    const task = taskOf(asked, around.world);
    if (task.status !== 'running') throw new Failure('task_not_running');
    if (task.reason !== 'worker_unreachable' && !(asked.body as { force: boolean }).force) {
      throw new Failure('worker_answers', [], `The worker ${task.workerName} answers and works on it.`);
    }
    const reasonText = 'Its worker handed it back; it goes on where it stopped as soon as a worker is free.';
    return changeRun(task, { status: 'queued', reason: 'handed_back', reasonText, hint: null }, around);
  },
  deleteTask: (asked, around) => {
    const task = taskOf(asked, around.world);
    around.world.tasks = around.world.tasks.filter((other) => other !== task);
    around.notify('task', task.id);
  },
  listTaskRuns: (asked, { world }) => {
    const task = taskOf(asked, world);
    return { data: [...(world.earlier.get(task.id) ?? []), task.currentRun] };
  },
  listEvents: ({ params, query }, { world }) => {
    const { after, limit } = query as { after: number; limit: number };
    const events = (world.events.get(params['runId'] ?? '') ?? []).filter((event) => event.seq > after);
    const data = events.slice(0, limit);
    return { data, lastSeq: data.at(-1)?.seq ?? after, hasMore: events.length > limit };
  },
  readPatch: ({ params }, { world }) => {
    const patch = world.patches.get(params['runId'] ?? '');
    if (patch === undefined) throw new Failure('blob_not_found');
    return patch;
  },
  listBlobs: ({ params }) => ({ data: params['runId'] === makeId('run', 3) ? sampleBlobs : [] }),
  readStatistics: ({ query }, { world }) => {
    const asked = query as StatisticsQuery;
    const online = world.workers.filter((worker) => worker.state === 'online');
    return {
      tasks: Object.fromEntries(
        statuses.map((status) => [status, world.tasks.filter((task) => task.status === status).length]),
      ),
      workersOnline: online.length,
      slots: {
        used: online.reduce((sum, worker) => sum + worker.running.length, 0),
        total: online.reduce((sum, worker) => sum + worker.capacity, 0),
      },
      oldestQueuedAt: world.tasks.find((task) => task.status === 'queued')?.createdAt ?? null,
      today: { succeeded: 3, failed: 1, costUsd: '1.2371' },
      ...(asked.range !== undefined && { history: sampleHistory(asked, world.tasks) }),
    };
  },
  listApprovals: ({ query }, { world }) => listApprovals(world.approvals, query),
  decideApproval: ({ params, body }, around) => {
    const approval = around.world.approvals.find(({ id }) => id === params['approvalId']);
    if (approval === undefined) throw new Failure('approval_not_found');
    if (approval.status !== 'open') throw new Failure('approval_decided', [], `${approval.decidedBy} was first.`);
    around.notify('approval', approval.taskId);
    return decide(approval, body);
  },
  listWorkers: (_, { world }) => ({ data: world.workers }),
  removeWorker: ({ params }, around) => {
    around.world.workers = around.world.workers.filter((worker) => worker.id !== params['workerId']);
    around.notify('worker', params['workerId'] ?? '');
  },
  pauseWorker: (asked, around) => changeWorker(asked, { mode: 'paused', drainBy: null }, around),
  drainWorker: (asked, around) => {
    const { graceSeconds } = asked.body as { graceSeconds: number };
    const drainBy = new Date(Date.now() + graceSeconds * 1000).toISOString();
    return changeWorker(asked, { mode: 'draining', drainBy }, around);
  },
  resumeWorker: (asked, around) => changeWorker(asked, { mode: 'active', drainBy: null, loginHold: null }, around),
  createEnrolment: (_, { world }) => {
    const enrolment = makeEnrolment(10 + world.enrolments.length);
    world.enrolments.push(enrolment);
    return { ...enrolment, token: 'corch_enrol_only-for-the-fixture', url: null };
  },
  listEnrolments: (_, { world }) => ({ data: world.enrolments }),
  revokeEnrolment: ({ params }, { world }) => {
    world.enrolments = world.enrolments.filter(({ id }) => id !== params['enrolmentId']);
  },
  listPools: (_, { world }) => ({ data: world.pools }),
  editPool: ({ params, body }, around) => {
    const pool = around.world.pools.find((candidate) => candidate.name === params['name']);
    if (pool === undefined) throw new Failure('pool_not_found');
    Object.assign(pool, body);
    around.notify('pool', pool.name);
    return pool;
  },
  health: (_, { world }) => world.health,
  readSettings: (_, { world }) => world.settings,
  readAdminStats: (_, { world }) => sampleStats(world),
  editSettings: ({ body }, around) => {
    if ((body as EditSettings).maxRunning === 99) throw new Failure('unavailable');
    Object.assign(around.world.settings, body);
    around.notify('settings', 'all');
    return around.world.settings;
  },
  listKeys: (_, { world }) => ({ data: world.keys }),
  createKey: ({ body }, { world }) => {
    const { name, scope } = body as CreateKey;
    const key = makeKey(10 + world.keys.length, { name, ...(scope === undefined ? {} : { scope }) });
    world.keys.push(key);
    return { ...key, key: 'corch_only-for-the-fixture' };
  },
  revokeKey: ({ params }, { world }) => {
    const key = world.keys.find((candidate) => candidate.id === params['keyId']);
    if (key === undefined) throw new Failure('key_not_found');
    key.revokedAt = new Date().toISOString();
  },
  openSession: ({ body }, { scope }) => {
    const given = body as { link?: string; key?: string };
    if (given.link === 'used') throw new Failure('link_used');
    if (given.key !== undefined && !given.key.startsWith('corch_')) {
      throw new Failure('unauthenticated', [], 'No such key, or it was revoked.');
    }
    return { name: 'admin', scope, expiresAt: null };
  },
  readSession: (_, { scope }) => ({ name: 'admin', scope, expiresAt: null }),
  closeSession: () => undefined,
};
