import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdminStats } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { at, makeId } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });

describe('admin stats', () => {
  const counts = { scheduled: 0, blocked: 0, queued: 0, running: 0, waiting: 0, failed: 0, cancelled: 0, timed_out: 0 };
  const taskId = makeId('task');
  const full: AdminStats = {
    at: at(0),
    database: {
      kind: 'postgres',
      bytes: 2_500_000_000,
      freeBytes: null,
      tables: [{ name: 'runs', bytes: 5e6, rows: 40 }],
    },
    stored: { transcriptBytes: 1_200_000_000, fileBytes: 800_000_000, runs: 41, oldestEndedAt: at(0) },
    retention: {
      ...{ keepTasksDays: 90, keepTranscriptsDays: null, maxStoredMb: 1500 },
      next: [
        { what: 'task', why: 'age', taskId, at: at(86_400) },
        { what: 'transcripts', why: 'size', taskId, at: at(0) },
      ],
      last: { at: at(60), tasks: 1, runs: 2, bytes: 3_000_000 },
    },
    tasks: { ...counts, succeeded: 40, failed: 1 },
    runs: { ...counts, succeeded: 41, failed: 3 },
    workers: { online: 1, offline: 2, slotsUsed: 3, slots: 4 },
    pools: [
      {
        ...{ pool: 'default', paused: false, queued: 7, running: 3, startable: 5, workersOnline: 1, freeSlots: 1 },
        ...{ workerSize: 4, wanted: 2, missing: 1 },
      },
    ],
    oldestQueuedAt: null,
    orchestrators: [
      {
        ...{ host: 'mill', pid: 7, version: '0.1.0', startedAt: at(0), lastSeenAt: at(60), memoryBytes: 150_000_000 },
        isThis: true,
      },
    ],
  };
  const read = (args: string[] = [], isTTY = false) => {
    server.handlers['readAdminStats'] = () => ({ body: full });
    return call(['admin', 'stats', ...args], { isTTY });
  };

  it('says in a pipe what is stored, kept and removed, with whole numbers', async () => {
    expect((await read()).stdout.split('\n')).toEqual([
      'database\tpostgres, 2500000000',
      'transcripts\t1200000000',
      'files\t800000000',
      'kept of\t41 runs',
      `oldest\t${at(0)}`,
      'keep-tasks\t90d',
      'keep-transcripts\tnone',
      'max-stored\t1500MB',
      `removed next\tthe task ${taskId}, ${at(86_400)}`,
      `removed next\ttranscripts and files of ${taskId}, as more is stored than may be`,
      `removed last\t1 task, transcripts and files of 2 runs, 3000000; ${at(60)}`,
      'tasks\t40 succeeded, 1 failed',
      'runs\t41 succeeded, 3 failed',
      'workers\t1 online, 2 offline; 3 of 4 slots',
      'pool default\t7 in line, 3 running, 1 worker missing',
      `orchestrator\tmill process 7, 0.1.0, memory 150000000, started ${at(0)} (answers here)`,
      '',
    ]);
  });

  it('shows sizes and tables on a screen, and everything with --json', async () => {
    const { stdout } = await read(['--no-color'], true);
    expect(stdout).toMatch(/^database +postgres, 2\.5 GB$/m);
    expect(stdout).toMatch(/^transcripts +1\.2 GB$/m);
    expect(stdout).toMatch(/TABLE +SIZE +ROWS ABOUT\nruns +5 MB +40/);
    expect(JSON.parse((await read(['--json'])).stdout)).toEqual(full);
  });

  it('says which scope is missing', async () => {
    server.handlers['readAdminStats'] = () => problem('forbidden');
    expect((await call(['admin', 'stats'])).code).toBe(exitCodes.auth);
  });
});
