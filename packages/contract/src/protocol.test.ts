import { describe, expect, it } from '@jest/globals';
import { normaliseEvent } from './event.js';
import { EventQuery } from './page.js';
import { protocolRoutes } from './routes/protocol-routes.js';
import {
  AppendEvents,
  beatEveryMs,
  ClaimedRuns,
  ClaimRuns,
  EnrolWorker,
  FinishRun,
  HandBackRun,
  Heartbeat,
  RegisterWorker,
  ReportStart,
} from './worker.js';

const nul = 'a\u0000b';
const fields = (
  schema: typeof AppendEvents | typeof FinishRun | typeof RegisterWorker | typeof ReportStart,
  input: object,
) => schema.safeParse(input).error?.issues.map(({ path }) => path[0]) ?? [];

/** What PostgreSQL cannot store must be refused before it gets there. */
describe('the worker protocol', () => {
  it('takes line numbers of 32 bits', () => {
    const batch = { epoch: 1, events: [{ at: '2030-01-01T00:00:00Z', type: 'x' }] };
    expect(fields(AppendEvents, { ...batch, firstN: 1 })).toEqual([]);
    expect(fields(AppendEvents, { ...batch, firstN: 2 ** 31 })).toEqual(['firstN']);
    expect(EventQuery.safeParse({ after: 2 ** 31 - 1 }).success).toBe(true);
    expect(EventQuery.safeParse({ after: 2 ** 31 }).success).toBe(false);
  });

  it('takes no NUL in what is stored as text', () => {
    const texts = { version: nul, os: nul, arch: nul, nodeVersion: nul };
    expect(fields(RegisterWorker, texts)).toEqual(expect.arrayContaining(Object.keys(texts)));
    expect(fields(ReportStart, { epoch: 1, branch: nul, baseCommit: nul })).toEqual(['branch', 'baseCommit']);
  });

  it('takes a cost that can be counted in millionths of a dollar', () => {
    const report = { exit: { outcome: 'succeeded', code: 0, signal: null, message: null }, result: null, stat: null };
    const finish = { ...report, epoch: 1, lastN: 0, completionId: '0b5c1b62-7d6f-4a76-9d0e-0a4f4a8c9e11' };
    expect(fields(FinishRun, { ...finish, costUsd: 1e9 })).toEqual([]);
    expect(fields(FinishRun, { ...finish, costUsd: 1e10 })).toEqual(['costUsd']);
  });
});

/** One minor version each way works: a peer may say more than this program knows. */
describe('a peer that is newer', () => {
  const epoch = 1;
  const runId = `run_${'0'.repeat(26)}`;
  const completionId = '0b5c1b62-7d6f-4a76-9d0e-0a4f4a8c9e11';
  const exit = { outcome: 'succeeded', code: 0, signal: null, message: null };
  const report = { epoch, completionId, exit, result: null, costUsd: null, stat: null, lastN: 0 };
  const worker = {
    ...{ protocol: 1, version: '9.9.9', name: 'w', host: 'h', os: 'o', arch: 'a', nodeVersion: '30' },
    ...{ claude: { path: '', version: null, problem: null, edition: 'new' }, login: { kind: 'stored', label: null } },
    ...{ allowCommands: true, capacity: 1, pools: ['default'], labels: [], lostAfterMs: 1000 },
    ...{ disk: { freeBytes: 1, totalBytes: 2, kind: 'new' }, held: [{ runId, epoch, since: 'new' }] },
  };

  it.each([
    ['enrols', EnrolWorker, { name: 'w' }],
    ['registers', RegisterWorker, worker],
    ['claims', ClaimRuns, { claimId: completionId, free: 1, waitMs: 0 }],
    ['beats', Heartbeat, { held: [{ runId, epoch, since: 'new' }] }],
    ['appends', AppendEvents, { epoch, firstN: 1, events: [{ at: '2030-01-01T00:00:00Z', type: 'new', field: 1 }] }],
    ['starts', ReportStart, { epoch, branch: null, baseCommit: null }],
    ['hands back', HandBackRun, { epoch, text: 'x' }],
    ['finishes', FinishRun, report],
  ])('%s with fields that are not known here', (_, schema, body) => {
    const parsed = schema.safeParse({ ...body, tomorrow: { is: 'another day' } });
    expect(parsed.error).toBeUndefined();
    expect(parsed.data).not.toHaveProperty('tomorrow');
  });

  it('may add to a query', () => {
    expect(protocolRoutes.writeBlob.query.safeParse({ epoch: '1', part: '2' }).data).toEqual({ epoch: 1 });
  });

  it('answers with fields that are not known here', () => {
    for (const { response } of Object.values(protocolRoutes)) {
      if (typeof response === 'string') continue;
      const unknown = response
        .safeParse({ tomorrow: 1 })
        .error?.issues.filter((one) => one.code === 'unrecognized_keys');
      expect(unknown).toEqual([]);
    }
  });

  it('says of a run what is not known here, wherever it says it', () => {
    const news = { tomorrow: 1 };
    const repository = { url: 'https://github.com/x/y', ...news };
    const spec = { prompt: 'x', repository, ...news };
    const run = {
      ...{ runId, taskId: `task_${'0'.repeat(26)}`, title: 'x', attempt: 1, epoch, runToken: 'x', spec, demo: false },
      ...{ branch: null, sessionId: 'x', spentMs: 0, resume: { runId, epoch, hasCheckpoint: false, ...news }, ...news },
    };
    expect(ClaimedRuns.parse({ runs: [run], ...news }).runs[0]?.spec.repository).toEqual({ url: repository.url });
  });

  it('knows ways to end, to sign in and to speak that are not known here', () => {
    const ended = FinishRun.parse({ ...report, exit: { ...exit, outcome: 'out_of_cheese' } });
    expect(ended.exit.outcome).toBe('worker_error');
    const login = { kind: 'retina', label: 'left' };
    expect(Heartbeat.parse({ held: [], login }).login).toEqual({ kind: 'stored', label: 'left' });
    expect(normaliseEvent({ at: '2030-01-01T00:00:00Z', type: 'smell', text: 'x' })).toMatchObject({ type: 'raw' });
  });
});

describe('beatEveryMs', () => {
  const intervals = { leaseMs: 60_000, claimWaitMs: 0, appendMs: 0, appendBytes: 0, checkpointMs: 0 };
  it.each([
    ['with a run, as told', 10_000, 1, 10_000],
    ['without one, three times in a lease', 10_000, 0, 20_000],
    ['never more often than told', 30_000, 0, 30_000],
  ])('%s', (_, heartbeatMs, held, expected) => {
    expect(beatEveryMs({ ...intervals, heartbeatMs }, held)).toBe(expected);
  });
});
