// An HTTP server that speaks the worker's side of the contract, holds everything in memory and does what a test says.
import {
  AppendEvents,
  ClaimRuns,
  FinishRun,
  Heartbeat,
  normaliseEvent,
  RegisterWorker,
  ReportStart,
  RunSpec,
  type ClaimedRun,
  type EventBody,
  type WorkerEvent,
} from '@corch/contract';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ulid } from 'ulid';
import type { z } from 'zod';

/** What the server knows of a run. */
export interface PretendRun {
  readonly claimed: ClaimedRun;
  events: WorkerEvent[];
  start: ReportStart | undefined;
  readonly blobs: Map<string, Buffer>;
  finish: FinishRun | undefined;
  finishCalls: number;
  cancel: boolean;
  /** Another worker got it: every call of this epoch is stale. */
  stale: boolean;
}

type Finished = PretendRun & { finish: FinishRun };

const prefix = '/api/v1';

export class PretendOrchestrator {
  readonly runs = new Map<string, PretendRun>();
  readonly registrations: RegisterWorker[] = [];
  readonly claims: ClaimRuns[] = [];
  readonly heartbeats: Heartbeat[] = [];
  /** Cut every connection without an answer. */
  isAway = false;
  workerToken = `corch_worker_${randomBytes(24).toString('base64url')}`;
  enrolToken = `corch_enrol_${randomBytes(24).toString('base64url')}`;
  /** Answers of the next claims that get lost on the way. */
  loseClaims = 0;
  private readonly queue: ClaimedRun[] = [];
  private readonly answers = new Map<string, ClaimedRun[]>();
  private readonly streams = new Set<ServerResponse>();
  private listeners: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PretendOrchestrator> {
    const server = createServer();
    const orchestrator = new PretendOrchestrator(server);
    server.on('request', (req, res) => {
      orchestrator.answer(req, res).catch((error: unknown) => problem(res, 500, 'internal', String(error)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return orchestrator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Queues a run; `over` says what matters. */
  submit(spec: z.input<typeof RunSpec>, over: Partial<ClaimedRun> = {}): PretendRun {
    const runId = `run_${ulid().toLowerCase()}`;
    const taskId = `task_${ulid().toLowerCase()}`;
    const claimed: ClaimedRun = {
      runId,
      taskId,
      title: 'A task',
      attempt: 1,
      epoch: 1,
      runToken: `corch_run_${runId}.1.${randomBytes(24).toString('base64url')}`,
      spec: RunSpec.parse(spec),
      demo: false,
      branch: `corch/${taskId.slice(-6)}-a-task`,
      sessionId: randomUUID(),
      spentMs: 0,
      ...over,
    };
    const run: PretendRun = {
      claimed,
      events: [],
      start: undefined,
      blobs: new Map(),
      finish: undefined,
      finishCalls: 0,
      cancel: false,
      stale: false,
    };
    this.runs.set(runId, run);
    this.queue.push(claimed);
    this.changed();
    return run;
  }

  /** Marks a run cancelled and says so on the control stream (`quietly`: only in replies). */
  cancel(run: PretendRun, quietly = false): void {
    run.cancel = true;
    const { runId, epoch } = run.claimed;
    if (!quietly) this.control({ type: 'cancel', runId, epoch });
  }

  control(message: { type: string; runId?: string; epoch?: number }): void {
    for (const res of this.streams) res.write(`event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** Waits until `test` holds; looks again after each request. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.listeners.push(resolve));
  }

  async finished(run: PretendRun): Promise<Finished> {
    await this.until(() => run.finish !== undefined);
    return run as Finished;
  }

  /** Waits for an event of a run. */
  async event<T extends EventBody['type']>(
    run: PretendRun,
    type: T,
    test: (event: EventBody & { type: T }) => boolean = () => true,
  ): Promise<EventBody & { type: T }> {
    const find = () => eventsOf(run, type).find(test);
    await this.until(() => find() !== undefined);
    return find() as EventBody & { type: T };
  }

  private changed(): void {
    this.listeners.splice(0).forEach((resolve) => resolve());
  }

  private async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readAll(req);
    if (this.isAway) return void res.destroy();
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    const path = pathname.slice(prefix.length);
    const token = req.headers.authorization?.slice('Bearer '.length) ?? '';
    try {
      if (path.startsWith('/workers') || path === '/runs/claim') await this.workerCall(req, path, token, body, res);
      else this.runCall(req, path, token, body, res);
    } finally {
      this.changed();
    }
  }

  private async workerCall(
    req: IncomingMessage,
    path: string,
    token: string,
    body: Buffer,
    res: ServerResponse,
  ): Promise<void> {
    if (path === '/workers/enrol') {
      if (token !== this.enrolToken) return problem(res, 401, 'unauthenticated', 'the enrolment token does not work');
      this.enrolToken = '';
      return json(res, 201, { workerId: `worker_${ulid().toLowerCase()}`, token: this.workerToken });
    }
    if (token !== this.workerToken) return problem(res, 401, 'unauthenticated', 'the worker token does not work');
    switch (path) {
      case '/workers/register':
        return this.register(RegisterWorker.parse(parse(body)), res);
      case '/workers/heartbeat':
        return this.heartbeat(Heartbeat.parse(parse(body)), res);
      case '/workers/control':
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write(': open\n\n');
        this.streams.add(res);
        req.once('close', () => this.streams.delete(res));
        return;
      case '/runs/claim':
        return this.claim(ClaimRuns.parse(parse(body)), res);
      default:
        return problem(res, 404, 'route_not_found', path);
    }
  }

  private register(body: RegisterWorker, res: ServerResponse): void {
    this.registrations.push(body);
    const held = body.held.map(({ runId, epoch }) => {
      const run = this.runs.get(runId);
      const isLive = run !== undefined && !run.stale && run.finish === undefined && run.claimed.epoch === epoch;
      return isLive ? { runId, epoch, state: 'resume', run: run.claimed } : { runId, epoch, state: 'stale' };
    });
    const intervals = { heartbeatMs: 100, leaseMs: 1000, claimWaitMs: 2000, appendMs: 20, appendBytes: 262_144 };
    json(res, 200, { workerId: `worker_${ulid().toLowerCase()}`, intervals, held });
  }

  private heartbeat(body: Heartbeat, res: ServerResponse): void {
    this.heartbeats.push(body);
    const runs = body.held.map(({ runId, epoch }) => {
      const run = this.runs.get(runId);
      const isHeld = run !== undefined && !run.stale && run.claimed.epoch === epoch;
      return { runId, epoch, state: isHeld ? 'held' : 'stale', cancel: run?.cancel ?? false };
    });
    json(res, 200, { ttlMs: 1000, runs });
  }

  private async claim(body: ClaimRuns, res: ServerResponse): Promise<void> {
    this.claims.push(body);
    const deadline = Date.now() + body.waitMs;
    while (!this.answers.has(body.claimId) && this.queue.length === 0 && Date.now() < deadline && !res.destroyed) {
      await Promise.race([
        new Promise<void>((resolve) => this.listeners.push(resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, 50).unref()),
      ]);
    }
    const runs = this.answers.get(body.claimId) ?? this.queue.splice(0, body.free);
    this.answers.set(body.claimId, runs);
    if (this.loseClaims > 0 && runs.length > 0) {
      this.loseClaims--;
      return void res.destroy();
    }
    json(res, 200, { runs });
  }

  private runCall(req: IncomingMessage, path: string, token: string, body: Buffer, res: ServerResponse): void {
    const [, , runId = '', what = '', name = ''] = path.split('/');
    const run = this.runs.get(runId);
    if (run === undefined) return problem(res, 404, 'run_not_found', runId);
    if (token !== run.claimed.runToken) return problem(res, 401, 'unauthenticated', 'wrong run token');
    if (what === 'events') return this.append(run, AppendEvents.parse(parse(body)), res);
    if (run.stale) return problem(res, 409, 'stale_lease', 'this lease is not the current one');
    switch (what) {
      case 'start':
        run.start = ReportStart.parse(parse(body));
        return void res.writeHead(204).end();
      case 'blobs':
        run.blobs.set(name, body);
        return void res.writeHead(204).end();
      case 'finish':
        return this.finish(run, FinishRun.parse(parse(body)), res);
      default:
        return problem(res, 404, 'route_not_found', `${req.method} ${path}`);
    }
  }

  private append(run: PretendRun, body: AppendEvents, res: ServerResponse): void {
    const next = run.events.length + 1;
    if (body.firstN <= next) run.events.push(...body.events.slice(next - body.firstN).map((e) => normaliseEvent(e)));
    json(res, 200, { nextN: run.events.length + 1, cancel: run.cancel, late: run.stale });
  }

  private finish(run: PretendRun, body: FinishRun, res: ServerResponse): void {
    run.finishCalls++;
    if (run.finish !== undefined && run.finish.completionId !== body.completionId) {
      return problem(res, 409, 'run_finished', 'the run is already finished');
    }
    run.finish = body;
    json(res, 200, finishedRun(run.claimed, body));
  }
}

/** The events of one type. */
export function eventsOf<T extends EventBody['type']>(run: PretendRun, type: T): (EventBody & { type: T })[] {
  return run.events.filter((event): event is WorkerEvent & { type: T } => event.type === type);
}

function finishedRun(run: ClaimedRun, finish: FinishRun): object {
  const now = new Date().toISOString();
  const none = {
    reasonText: null,
    hint: null,
    workerId: null,
    workerName: null,
    baseCommit: null,
    leaseExpiresAt: null,
  };
  return {
    ...none,
    id: run.runId,
    taskId: run.taskId,
    attempt: run.attempt,
    trigger: 'submit',
    status: 'failed',
    reason: null,
    demo: run.demo,
    leaseEpoch: run.epoch,
    sessionId: run.sessionId,
    branch: run.branch,
    createdAt: now,
    readyAt: now,
    startedAt: now,
    endedAt: now,
    cancelRequestedAt: null,
    confirmed: true,
    exit: finish.exit,
    result: finish.result,
    cost: null,
    stat: finish.stat,
    eventCount: finish.lastN,
    logIncomplete: false,
  };
}

async function readAll(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function parse(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8'));
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(res: ServerResponse, status: number, code: string, detail: string): void {
  const retryable = status >= 500;
  json(res, status, { type: code, title: code, status, detail, code, requestId: 'r', retryable, hint: 'Look.' });
}
