// The whole orchestrator on a database of its own, with what tests of tasks and runs do again and again.
import { randomUUID } from 'node:crypto';
import {
  SubmitTask,
  type ClaimedRun,
  type Exit,
  type FinishRun,
  type RegisterWorker,
  type TaskDetail,
  type WorkerEvent,
} from '@corch/contract';
import { EnrolmentsService } from '../auth/enrolments.service.js';
import { Authenticator } from '../auth/authenticator.js';
import { noSlot } from '../common/idempotency.js';
import type { DatabaseKind } from '../database/columns.js';
import { Database } from '../database/database.js';
import { BlobsService } from '../runs/blobs.service.js';
import { ClaimsService } from '../runs/claims.service.js';
import { LeasesService } from '../runs/leases.service.js';
import { RunReaper } from '../runs/run-reaper.js';
import { RunEnds } from '../runs/run-ends.js';
import { RunsService } from '../runs/runs.service.js';
import { TranscriptsService } from '../runs/transcripts.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { RetentionService } from '../retention/retention.service.js';
import { TasksService } from '../tasks/tasks.service.js';
import { WorkersService } from '../workers/workers.service.js';
import { openTestApp, type TestApp } from './http-app.js';

/** Passes of the reaper happen when a test asks for them, on the test's own clock; a lost signal is not made up for by polling. */
const still = { REAP_MS: '60000', CLAIM_WATCH_MS: '86400000', CLAIM_POLL_MS: '86400000' };

export type Domain = Awaited<ReturnType<typeof openDomain>>;

/** `beside`: a second orchestrator on the database and the clock of this one. */
export async function openDomain(
  kind: DatabaseKind,
  env: Record<string, string> = {},
  beside?: Pick<TestApp, 'databaseUrl' | 'clock'>,
) {
  const test = await openTestApp({ kind, env: { ...still, ...env }, beside });
  const { app, clock } = test;
  const services = {
    database: app.get(Database),
    tasks: app.get(TasksService),
    runs: app.get(RunsService),
    ends: app.get(RunEnds),
    claims: app.get(ClaimsService),
    leases: app.get(LeasesService),
    transcripts: app.get(TranscriptsService),
    blobs: app.get(BlobsService),
    reaper: app.get(RunReaper),
    workers: app.get(WorkersService),
    settings: app.get(SettingsService),
    retention: app.get(RetentionService),
  };
  return {
    ...test,
    ...services,
    submit: (asked: Partial<SubmitTask> = {}): Promise<TaskDetail> =>
      services.tasks.submit(SubmitTask.parse({ prompt: 'Do it', ...asked }), Object.keys(asked), 'tester', noSlot),
    worker: (facts: Partial<RegisterWorker> = {}) => registerWorker(test, services.workers, services.leases, facts),
    claim: (workerId: string, free = 1, claimId: string = randomUUID()): Promise<ClaimedRun[]> =>
      services.claims.claim(workerId, { claimId, free, waitMs: 0 }, new AbortController().signal),
    finish: (
      run: Pick<ClaimedRun, 'runId' | 'epoch'>,
      report: Partial<Omit<FinishRun, 'exit'>> & { exit?: Partial<Exit> } = {},
    ) => services.ends.finish(run.runId, makeReport(run.epoch, report)),
    /** Lets time pass. */
    pass: (ms: number) => void (clock.now += ms),
    /** Sets the clock, as NTP or a laptop that wakes up does; no time passes. */
    setClock: (ms: number) => void Object.assign(clock, { now: clock.now + ms, setBy: (clock.setBy ?? 0) + ms }),
  };
}

/** Enrols and registers a worker that can do everything; returns its id. */
async function registerWorker(
  { app }: TestApp,
  workers: WorkersService,
  leases: LeasesService,
  facts: Partial<RegisterWorker>,
): Promise<string> {
  const { token } = await app.get(EnrolmentsService).create('tester');
  const caller = await app.get(Authenticator).identify({ authorization: `Bearer ${token}`, cookie: undefined });
  if (caller.kind !== 'enrolment') throw new Error('no enrolment');
  const { workerId } = await workers.enrol(caller.id, facts.name ?? 'worker-1');
  await leases.register(workerId, makeWorker(facts));
  return workerId;
}

export function makeWorker(facts: Partial<RegisterWorker> = {}): RegisterWorker {
  return {
    protocol: 1,
    version: '0.1.0',
    name: 'worker-1',
    host: 'machine-1',
    os: 'linux',
    arch: 'x64',
    nodeVersion: 'v20.20.0',
    claude: { path: '/usr/bin/claude', version: '2.1.330', problem: null },
    login: { kind: 'api_key', label: 'key' },
    allowCommands: true,
    canDeliver: true,
    capacity: 100,
    pools: ['default'],
    labels: [],
    lostAfterMs: 120_000,
    trouble: null,
    disk: null,
    held: [],
    ...facts,
  };
}

export function makeReport(
  epoch: number,
  { exit, ...report }: Partial<Omit<FinishRun, 'exit'>> & { exit?: Partial<Exit> } = {},
): FinishRun {
  return {
    epoch,
    commit: null,
    checks: [],
    delivered: null,
    retryAt: null,
    completionId: randomUUID(),
    exit: { outcome: 'succeeded', code: 0, signal: null, message: null, ...exit },
    result: null,
    costUsd: null,
    stat: null,
    lastN: 0,
    resetsAt: null,
    inboxN: 0,
    ...report,
  };
}

/** Lines `from … to` of a worker; the text of each is its number. */
export function makeLines(from: number, to: number): WorkerEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    at: '2030-01-01T00:00:00.000Z',
    type: 'text',
    text: String(from + index),
  }));
}
