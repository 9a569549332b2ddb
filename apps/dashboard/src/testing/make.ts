import {
  version,
  type Cost,
  type Run,
  type RunEvent,
  type Status,
  type TaskDetail,
  type Worker,
} from '@corch/contract';

/** A valid id that ends in `n`, ordered like `n`. */
export function makeId(prefix: string, n: number): string {
  return `${prefix}_${String(n).padStart(26, '0')}`;
}

/** `minutes` before now, RFC 3339. */
export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function estimate(amount: string): Cost {
  return { amount, currency: 'USD', basis: 'estimate' };
}

const unfinished: readonly Status[] = ['scheduled', 'blocked', 'queued', 'running', 'waiting'];
const unstarted: readonly Status[] = ['scheduled', 'blocked', 'queued'];

export function makeRun(n: number, part: Partial<Run> = {}): Run {
  const status = part.status ?? 'succeeded';
  const isStarted = !unstarted.includes(status);
  return {
    id: makeId('run', n),
    taskId: makeId('task', n),
    attempt: 1,
    trigger: 'submit',
    executor: 'claude',
    sourceRunId: null,
    status,
    reason: null,
    reasonText: null,
    hint: null,
    demo: false,
    leaseEpoch: isStarted ? 1 : 0,
    workerId: isStarted ? makeId('worker', 1) : null,
    workerName: isStarted ? 'studio' : null,
    sessionId: isStarted ? `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` : null,
    continuesRunId: null,
    branch: null,
    baseCommit: null,
    createdAt: ago(30),
    readyAt: ago(30),
    startedAt: isStarted ? ago(29) : null,
    endedAt: unfinished.includes(status) ? null : ago(25),
    cancelRequestedAt: null,
    leaseExpiresAt: null,
    confirmed: null,
    exit: null,
    result: null,
    cost: null,
    stat: null,
    commit: null,
    checks: [],
    delivered: null,
    eventCount: 0,
    logIncomplete: false,
    removedAt: null,
    ...part,
  };
}

/** A task around one run; what both of them say is taken from the run. */
export function makeTask(n: number, run: Run, part: Partial<TaskDetail> = {}): TaskDetail {
  return {
    id: run.taskId,
    title: `Task ${n}`,
    status: run.status,
    reason: run.reason,
    reasonText: run.reasonText,
    hint: run.hint,
    executor: 'claude',
    promptPreview: `Prompt ${n}`,
    repositoryName: null,
    ref: null,
    branch: run.branch,
    pool: 'default',
    labels: [],
    requirements: [],
    priority: 0,
    concurrencyKey: null,
    concurrencyLimit: 1,
    retries: 0,
    backoff: { type: 'exponential', delayMs: 10_000, maxMs: 300_000 },
    demo: run.demo,
    runCount: run.attempt,
    currentRunId: run.id,
    workerName: run.workerName,
    submittedBy: 'admin',
    createdAt: run.createdAt,
    updatedAt: run.endedAt ?? run.createdAt,
    startAt: null,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    cost: run.cost,
    stat: run.stat,
    delivered: run.delivered,
    url: `http://127.0.0.1/tasks/${run.taskId}`,
    startsFrom: null,
    spec: {
      executor: 'claude',
      prompt: `Prompt ${n}`,
      permissionPolicy: 'work',
      failOnDenied: false,
      timeoutSeconds: 7200,
      idleTimeoutSeconds: 1800,
      demo: run.demo,
    },
    currentRun: run,
    ...part,
  };
}

export function makeWorker(n: number, part: Partial<Worker> = {}): Worker {
  return {
    id: makeId('worker', n),
    name: `worker-${n}`,
    state: 'online',
    mode: 'active',
    drainBy: null,
    trouble: null,
    outdated: null,
    loginHold: null,
    host: `host-${n}.local`,
    os: 'linux',
    arch: 'x64',
    version,
    nodeVersion: '22.20.0',
    claude: { path: '/usr/local/bin/claude', version: '2.1.330', problem: null },
    login: { kind: 'stored', label: 'subscription' },
    allowCommands: false,
    canDeliver: true,
    pools: ['default'],
    labels: [],
    capacity: 4,
    disk: { freeBytes: 120_000_000_000, totalBytes: 500_000_000_000 },
    running: [],
    registeredAt: ago(600),
    lastSeenAt: ago(0.05),
    ...part,
  };
}

/** Numbers the bodies of events as the orchestrator does. */
export function makeEvents(bodies: readonly MakeEvent[], firstSeq = 1, startedAt = Date.now() - 240_000): RunEvent[] {
  return bodies.map((body, index) => ({
    at: new Date(startedAt + index * 1700).toISOString(),
    seq: firstSeq + index,
    epoch: 1,
    ...body,
  }));
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type MakeEvent = Without<RunEvent, 'seq' | 'at' | 'epoch'> & { at?: string };
