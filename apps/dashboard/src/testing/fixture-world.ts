import type {
  Approval,
  ApprovalRule,
  Bulk,
  Enrolment,
  Health,
  Instance,
  Key,
  Pool,
  Repository,
  Run,
  SendMessage,
  RunEvent,
  Secret,
  Settings,
  TaskDetail,
  View,
  Worker,
} from '@corch/contract';
import { ago, estimate, makeEvents, makeId, makeRun, makeTask, makeWorker } from './make.js';
import { makeView } from './fixture-lists.js';
import { sampleRepositories } from './fixture-repositories.js';
import { endingBodies, longTranscript, sampleBodies, samplePatch } from './sample-events.js';

const noLimits: Settings = {
  ...{ maxRunning: null, keepTasksDays: null, keepTranscriptsDays: null, maxStoredMb: null },
  approvalWaitSeconds: 600,
};

/** Everything that the fixture server knows. */
export interface World {
  tasks: TaskDetail[];
  /** Runs before the current one, by task. */
  earlier: Map<string, Run[]>;
  /** Messages that were sent. */
  said: SendMessage[];
  events: Map<string, RunEvent[]>;
  patches: Map<string, string>;
  workers: Worker[];
  pools: Pool[];
  settings: Settings;
  health: Health;
  keys: Key[];
  enrolments: Enrolment[];
  approvals: Approval[];
  repositories: Repository[];
  views: View[];
  bulks: Bulk[];
  instance: Instance;
  secrets: Secret[];
  /** Approval rules, by repository. */
  rules: Map<string, ApprovalRule[]>;
}

function healthWith(checks: Health['checks']): Health {
  return { status: 'ok', version: '0.1.0', protocol: 1, startedAt: ago(60), checks };
}

export const emptyWorld = (): World => ({
  tasks: [],
  earlier: new Map(),
  said: [],
  events: new Map(),
  patches: new Map(),
  workers: [],
  pools: [],
  settings: noLimits,
  health: healthWith({}),
  keys: [],
  enrolments: [],
  approvals: [],
  repositories: [],
  views: [],
  bulks: [],
  instance: { name: null, colour: null },
  secrets: [],
  rules: new Map(),
});

const repository = { url: 'https://git.example.org/acme/api.git' };

/** One task of every kind, a few workers and keys. Task 3 is done, 2 runs, 9 has a long transcript. */
export function sampleWorld(longCount = 20_000): World {
  const done = makeRun(3, {
    branch: 'corch/000003-fix-the-sum',
    baseCommit: '3f2c1ab0000000000000000000000000000000aa',
    cost: estimate('0.0382'),
    stat: { files: 4, additions: 3, deletions: 2 },
    checks: [
      { kind: 'setup', name: 'npm ci', round: 0, state: 'passed', exitCode: 0, durationMs: 8200 },
      { kind: 'check', name: 'npm test', round: 0, state: 'failed', exitCode: 1, durationMs: 3100 },
      { kind: 'check', name: 'npm test', round: 1, state: 'passed', exitCode: 0, durationMs: 2900 },
      { kind: 'teardown', name: 'docker compose down', round: 0, state: 'failed', exitCode: 125, durationMs: 140 },
    ],
    exit: { outcome: 'succeeded', code: 0, signal: null, message: null },
    result: {
      text: '`sum` subtracted instead of adding. I changed the operator; **all 3 tests pass** now.',
      structured: { fixed: true, files: ['src/sum.js'] },
      turns: 6,
      models: {
        'claude-sonnet-5': {
          inputTokens: 1200,
          outputTokens: 842,
          cacheReadInputTokens: 20_400,
          cacheCreationInputTokens: 3000,
          costUsd: 0.0382,
        },
      },
      denials: [{ toolName: 'WebFetch', toolUseId: 't4' }],
    },
  });
  const live = makeRun(2, { status: 'running', branch: 'corch/000002-speed-up', startedAt: ago(4), createdAt: ago(5) });
  const lost = makeRun(5, {
    status: 'failed',
    reason: 'worker_lost',
    reasonText: 'The worker was away for too long.',
    hint: 'Check the worker; retry when the automatic runs are used up.',
    attempt: 2,
    trigger: 'automatic',
    createdAt: ago(90),
    cost: estimate('0.004'),
    exit: { outcome: 'worker_lost', code: null, signal: null, message: null },
  });
  const firstLost = makeRun(50, { ...lost, id: makeId('run', 50), attempt: 1, trigger: 'submit', createdAt: ago(110) });
  const long = makeRun(9, { createdAt: ago(300), eventCount: longCount });
  const tasks = [
    makeTask(2, live, {
      title: 'Speed up the search in the catalogue page',
      repository,
      ref: 'main',
      labels: ['perf', 'team=web'],
    }),
    makeTask(1, makeRun(1, { status: 'queued', createdAt: ago(7) }), {
      title: 'Explain this repository in 5 bullets',
      reason: 'no_login',
      reasonText: 'No worker that could take this task is signed in to Claude.',
      hint: 'On the worker run `claude auth login`, or set ANTHROPIC_API_KEY, and start it again.',
      pool: 'gpu',
    }),
    makeTask(3, done, { title: 'Fix the failing sum test', repository, labels: ['deps'] }),
    makeTask(4, makeRun(4, { demo: true, createdAt: ago(60), cost: estimate('0') }), {
      title: 'A look around the sample',
    }),
    makeTask(5, lost, {
      title: 'Rename the option everywhere and write a migration guide that explains each step to somebody new',
      repository: { path: '/srv/repos/site' },
    }),
    makeTask(6, makeRun(6, { status: 'timed_out', reason: 'run_time', createdAt: ago(120) }), {
      title: 'Rewrite the parser',
      reasonText: 'The run took longer than its timeout.',
      hint: 'Submit it again with a longer --timeout.',
    }),
    makeTask(7, makeRun(7, { status: 'cancelled', reason: 'user', createdAt: ago(180) }), {
      title: 'Try the other approach',
      reasonText: 'Cancelled by a person or a program.',
    }),
    makeTask(8, makeRun(8, { status: 'scheduled', reason: 'start_at', createdAt: ago(200) }), {
      title: 'Nightly check of the dependencies',
      reasonText: 'Starts at the time that was asked for.',
    }),
    makeTask(9, long, { title: 'A very long conversation' }),
    ...Array.from({ length: 60 }, (_, index) =>
      makeTask(100 + index, makeRun(100 + index, { createdAt: ago(1000 + index) })),
    ),
  ];
  const sample = makeEvents(sampleBodies);
  return {
    tasks,
    said: [],
    earlier: new Map([[lost.taskId, [firstLost]]]),
    events: new Map([
      [live.id, sample],
      [done.id, makeEvents([...sampleBodies, ...endingBodies], 1, Date.parse(done.startedAt ?? '') + 2000)],
      [long.id, longTranscript(longCount)],
      [
        lost.id,
        makeEvents([
          { type: 'status', status: 'failed', reason: 'worker_lost', text: 'studio has not been heard from.' },
        ]),
      ],
    ]),
    patches: new Map([[done.id, samplePatch]]),
    workers: [
      makeWorker(1, {
        name: 'studio',
        allowCommands: true,
        labels: ['gpu', 'team=web'],
        running: [{ runId: live.id, taskId: live.taskId, title: 'Speed up the search', startedAt: ago(4) }],
      }),
      makeWorker(2, { name: 'attic', login: { kind: 'none', label: null }, os: 'mac', arch: 'arm64', pools: ['gpu'] }),
      makeWorker(3, {
        name: 'cellar',
        state: 'offline',
        lastSeenAt: ago(95),
        claude: {
          path: '/usr/bin/claude',
          version: '1.0.2',
          problem: 'Claude Code 1.0.2 is too old. Update it with `claude update`.',
        },
      }),
    ],
    pools: [
      { ...unlimited, name: 'default', paused: false, queued: 0, running: 1, workersOnline: 1 },
      { name: 'gpu', paused: true, concurrency: 2, lostAfterCapSeconds: 120, queued: 1, running: 0, workersOnline: 1 },
    ],
    settings: { ...noLimits, maxRunning: 12, keepTasksDays: 90, keepTranscriptsDays: 30, maxStoredMb: 20_000 },
    health: healthWith({ redis: { ok: true, detail: 'answers' } }),
    enrolments: [makeEnrolment(1)],
    approvals: [],
    ...sampleRepositories(),
    views: [makeView(1, { name: 'Dependencies' })],
    bulks: [],
    instance: { name: null, colour: null },
    keys: [
      makeKey(1, { name: 'this machine', scope: 'admin', lastUsedAt: ago(1) }),
      makeKey(2, { name: 'CI', expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString() }),
      makeKey(3, { name: 'old laptop', scope: 'read', revokedAt: ago(4000) }),
    ],
  };
}

const unlimited = { concurrency: null, lostAfterCapSeconds: null };

export function makeEnrolment(n: number): Enrolment {
  const minute = 60_000;
  const expiresAt = new Date(Date.now() + 50 * minute).toISOString();
  return { id: makeId('enrol', n), createdBy: 'this machine', createdAt: ago(10), expiresAt };
}

export function makeKey(n: number, part: Partial<Key> = {}): Key {
  return {
    id: makeId('key', n),
    name: `key ${n}`,
    scope: 'submit',
    prefix: `corch_ab${n}`,
    createdAt: ago(5000),
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...part,
  };
}
