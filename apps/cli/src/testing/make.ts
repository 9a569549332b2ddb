import type { Approval, EventBody, Run, RunEvent, Task, TaskDetail, Worker } from '@corch/contract';

let made = 0;

/** An id that nobody else has; `tail` makes it end so. */
export function makeId(
  prefix: 'task' | 'run' | 'worker' | 'key' | 'enrol' | 'appr' | 'bulk' | 'view' | 'rule',
  tail = '',
): string {
  const own = String(++made).padStart(26 - tail.length, '0');
  return `${prefix}_${own}${tail}`;
}

export const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, 0) + seconds * 1000).toISOString();

export function makeRun(given: Partial<Run> = {}): Run {
  return {
    id: makeId('run'),
    taskId: makeId('task'),
    attempt: 1,
    trigger: 'submit',
    executor: 'claude',
    sourceRunId: null,
    status: 'running',
    reason: null,
    reasonText: null,
    hint: null,
    demo: false,
    leaseEpoch: 1,
    workerId: null,
    workerName: 'bench-1',
    sessionId: null,
    continuesRunId: null,
    branch: null,
    baseCommit: null,
    createdAt: at(0),
    readyAt: at(0),
    startedAt: at(1),
    endedAt: null,
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
    ...given,
  };
}

/** A running task with one run; what is given for both goes into both. */
export function makeTask(given: Partial<TaskDetail> = {}): TaskDetail {
  const id = given.id ?? makeId('task');
  const shared: Partial<Run> = {};
  for (const key of [
    'status',
    'reason',
    'reasonText',
    'hint',
    'demo',
    'startedAt',
    'endedAt',
    'cost',
    'stat',
  ] as const) {
    if (given[key] !== undefined) Object.assign(shared, { [key]: given[key] });
  }
  const currentRun = given.currentRun ?? makeRun({ taskId: id, ...shared });
  const task: Task = {
    id,
    title: 'Fix the flaky test',
    status: 'running',
    reason: null,
    reasonText: null,
    hint: null,
    executor: 'claude',
    promptPreview: 'Fix the flaky test',
    repository: undefined,
    repositoryName: null,
    ref: null,
    branch: null,
    pool: 'default',
    labels: [],
    requirements: [],
    priority: 0,
    concurrencyKey: null,
    concurrencyLimit: 1,
    retries: 0,
    backoff: { type: 'exponential', delayMs: 10_000, maxMs: 300_000 },
    demo: false,
    runCount: 1,
    currentRunId: currentRun.id,
    workerName: 'bench-1',
    submittedBy: 'admin',
    createdAt: at(0),
    updatedAt: at(0),
    startAt: null,
    startedAt: at(1),
    endedAt: null,
    cost: null,
    stat: null,
    delivered: null,
    url: `http://127.0.0.1:4870/tasks/${id}`,
  };
  const spec = {
    executor: 'claude' as const,
    prompt: 'Fix the flaky test',
    permissionPolicy: 'work' as const,
    failOnDenied: false,
    timeoutSeconds: 7200,
    idleTimeoutSeconds: 1800,
    demo: false,
  };
  return { ...task, spec, startsFrom: null, ...given, currentRun, currentRunId: currentRun.id };
}

/** An online worker of two slots that works on nothing. */
export function makeWorker(given: Partial<Worker> = {}): Worker {
  return {
    id: makeId('worker'),
    name: 'bench-1',
    state: 'online',
    mode: 'active',
    drainBy: null,
    trouble: null,
    outdated: null,
    loginHold: null,
    host: 'bench',
    os: 'linux',
    arch: 'x64',
    version: '0.1.0',
    nodeVersion: '22.20.0',
    claude: { path: '/usr/bin/claude', version: '2.1.330', problem: null },
    login: { kind: 'stored', label: null },
    allowCommands: false,
    canDeliver: true,
    pools: ['default'],
    labels: [],
    capacity: 2,
    disk: { freeBytes: 120_000_000_000, totalBytes: 500_000_000_000 },
    running: [],
    registeredAt: at(0),
    lastSeenAt: at(0),
    ...given,
  };
}

/** An open request for a command. */
export function makeApproval(given: Partial<Approval> = {}): Approval {
  return {
    ...{ id: makeId('appr'), runId: makeId('run'), taskId: makeId('task'), taskTitle: 'Fix it', repository: null },
    ...{ kind: 'permission', toolName: 'Bash', toolUseId: null, input: { command: 'npm test' }, inputCut: false },
    ...{ plan: null, description: null, reason: null, cwd: '/work', grant: 'every later Bash call like `npm test *`' },
    ...{ status: 'open', createdAt: at(0), decidedAt: null, decidedBy: null, decidedVia: null },
    ...{ decision: null, appliedAt: null },
    ...given,
  };
}

/** Events numbered from 1, one second apart. */
export function makeEvents(...bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({ ...body, seq: index + 1, at: at(index + 1), epoch: 1 }));
}
