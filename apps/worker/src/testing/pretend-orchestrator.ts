// An HTTP server that speaks the worker's side of the contract, holds everything in memory and does what a test says.
import {
  AppendEvents,
  checkpointName,
  ClaimRuns,
  FinishRun,
  HandBackRun,
  Heartbeat,
  InboxItem,
  normaliseEvent,
  ReadInbox,
  RegisterWorker,
  ReportApproval,
  ReportStart,
  type RunSpec,
  WithdrawApprovals,
  type ApprovalDecision,
  type ClaimedRun,
  type EventBody,
  type WorkerEvent,
  type WorkerOrder,
} from '@corch/contract';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ulid } from 'ulid';
import type { z } from 'zod';
import { finishedRun } from './finished-run.js';
import { closed, reported, withdrawn } from './pretend-approvals.js';
import { json, parse, problem, readAll, sendPage } from './pretend-http.js';
import { claimedRun, type PretendRun, type Said } from './pretend-run.js';

export type { PretendRun } from './pretend-run.js';

type Finished = PretendRun & { finish: FinishRun };

const prefix = '/api/v1';

export class PretendOrchestrator {
  readonly runs = new Map<string, PretendRun>();
  readonly registrations: RegisterWorker[] = [];
  readonly claims: ClaimRuns[] = [];
  readonly heartbeats: Heartbeat[] = [];
  /** Cut every connection without an answer. */
  isAway = false;
  /** Names of files that it does not take, and those that were refused. */
  refuses = /^$/;
  readonly refusedFiles: string[] = [];
  /** Calls of such paths are answered by something in between, with a page of its own and this status (true: 200). */
  portal: (path: string) => boolean | number = () => false;
  /** Calls that came while it was away, or that the page answered. */
  refusedCalls = 0;
  /** Told with every answer to a registration or heartbeat. */
  order: WorkerOrder = { mode: 'active', drainMs: null };
  workerToken = `corch_worker_${randomBytes(24).toString('base64url')}`;
  enrolToken = `corch_enrol_${randomBytes(24).toString('base64url')}`;
  /** What workers are told of how long a claim may wait. */
  claimWaitMs = 2000;
  /** Answers of the next claims that get lost on the way. */
  loseClaims = 0;
  /** Answers of claims with runs go out when this resolves. */
  slowClaims: Promise<void> | undefined;
  /** How long workers keep a slot for a run that waits for a person. */
  approvalWaitMs = 60_000;
  /** Decides what is asked, at once. */
  rule: (report: ReportApproval) => ApprovalDecision | null = () => null;
  private claimRound = 0;
  private readonly queue: ClaimedRun[] = [];
  /** Those of earlier epochs too. */
  private readonly byToken = new Map<string, PretendRun>();
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
    return this.add(claimedRun(spec, over));
  }

  /**
   * Queues a run again, under the next epoch, as one that was parked, handed back or taken away. Calls under the old epoch are stale
   * from now on; files stay with it.
   */
  again(run: PretendRun, over: Partial<ClaimedRun> = {}): PretendRun {
    const { claimed, blobs } = run;
    run.stale = true;
    const epoch = claimed.epoch + 1;
    const resume = { runId: claimed.runId, epoch: claimed.epoch, hasCheckpoint: blobs.has(checkpointName) };
    const runToken = `corch_run_${claimed.runId}.${epoch}.${randomBytes(24).toString('base64url')}`;
    return this.add({ ...claimed, epoch, runToken, resume, inboxN: run.inbox.length, ...over }, blobs, run.inbox);
  }

  /** Says something to a run and tells its worker (`quietly`: only in replies). */
  say(run: PretendRun, said: Said, quietly = false): InboxItem {
    const n = run.inbox.length + 1;
    const at = new Date().toISOString();
    const item = InboxItem.parse({ n, id: randomUUID(), by: 'tester', at, ...said });
    run.inbox.push(item);
    const { runId, epoch } = run.claimed;
    if (!quietly) this.control({ type: 'inbox', runId, epoch, n });
    return item;
  }

  private add(claimed: ClaimedRun, blobs = new Map<string, Buffer>(), inbox: InboxItem[] = []): PretendRun {
    const run: PretendRun = {
      claimed,
      events: [],
      start: undefined,
      blobs,
      inbox,
      asked: [],
      withdrawals: [],
      finish: undefined,
      finishCalls: 0,
      handedBack: undefined,
      cancel: false,
      isDeaf: false,
      stale: false,
    };
    this.runs.set(claimed.runId, run);
    this.byToken.set(claimed.runToken, run);
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

  /** Gives an order and says it on the control stream (`quietly`: only in replies). */
  tell(order: WorkerOrder, quietly = false): void {
    this.order = order;
    if (!quietly) this.control({ type: 'mode', ...order });
  }

  control(message: { type: string; [field: string]: string | number | null }): void {
    for (const res of this.streams) res.write(`event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** True when every run that was submitted is on its way to a worker. */
  get isQueueEmpty(): boolean {
    return this.queue.length === 0;
  }

  /** Answers the claims that wait. */
  endClaims(): void {
    this.claimRound++;
    this.changed();
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
    if (this.isAway) {
      this.refusedCalls++;
      this.changed();
      return void res.destroy();
    }
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    if (pathname === '/readyz') return void res.writeHead(204).end();
    const path = pathname.slice(prefix.length);
    const page = this.portal(path);
    if (page !== false) {
      this.refusedCalls++;
      this.changed();
      return sendPage(res, page === true ? 200 : page);
    }
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

  private isHeld(run: PretendRun, epoch: number): boolean {
    const isOver = run.finish !== undefined || run.handedBack !== undefined;
    return !run.stale && !isOver && run.claimed.epoch === epoch;
  }

  private register(body: RegisterWorker, res: ServerResponse): void {
    this.registrations.push(body);
    const held = body.held.map(({ runId, epoch }) => {
      const run = this.runs.get(runId);
      const isLive = run !== undefined && this.isHeld(run, epoch);
      return isLive ? { runId, epoch, state: 'resume', run: run.claimed } : { runId, epoch, state: 'stale' };
    });
    const intervals = {
      heartbeatMs: 100,
      leaseMs: 1000,
      claimWaitMs: this.claimWaitMs,
      appendMs: 20,
      appendBytes: 262_144,
      checkpointMs: 50,
    };
    json(res, 200, { workerId: `worker_${ulid().toLowerCase()}`, intervals, ...this.order, held });
  }

  private heartbeat(body: Heartbeat, res: ServerResponse): void {
    this.heartbeats.push(body);
    const runs = body.held.map(({ runId, epoch }) => {
      const run = this.runs.get(runId);
      const isHeld = run !== undefined && this.isHeld(run, epoch);
      const inboxN = run?.inbox.length ?? 0;
      return { runId, epoch, state: isHeld ? 'held' : 'stale', cancel: !isHeld || run.cancel, inboxN };
    });
    json(res, 200, { ttlMs: 1000, ...this.order, runs });
  }

  private async claim(body: ClaimRuns, res: ServerResponse): Promise<void> {
    this.claims.push(body);
    const deadline = Date.now() + body.waitMs;
    const round = this.claimRound;
    const isWaiting = () => round === this.claimRound && Date.now() < deadline && !res.destroyed;
    while (!this.answers.has(body.claimId) && this.queue.length === 0 && isWaiting()) {
      await Promise.race([
        new Promise<void>((resolve) => this.listeners.push(resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, 50).unref()),
      ]);
    }
    // Who has hung up gets nothing.
    if (res.destroyed) return;
    const isActive = this.order.mode === 'active';
    const runs = this.answers.get(body.claimId) ?? this.queue.splice(0, isActive ? body.free : 0);
    this.answers.set(body.claimId, runs);
    if (this.loseClaims > 0 && runs.length > 0) {
      this.loseClaims--;
      return void res.destroy();
    }
    if (runs.length > 0) {
      this.changed();
      await this.slowClaims;
    }
    json(res, 200, { runs });
  }

  private runCall(req: IncomingMessage, path: string, token: string, body: Buffer, res: ServerResponse): void {
    const [, , runId = '', what = '', name = ''] = path.split('/');
    if (!this.runs.has(runId)) return problem(res, 404, 'run_not_found', runId);
    const run = this.byToken.get(token);
    if (run?.claimed.runId !== runId) return problem(res, 401, 'unauthenticated', 'wrong run token');
    if (what === 'events' && run.isDeaf) return problem(res, 503, 'unavailable', 'not now');
    if (what === 'events') return this.append(run, AppendEvents.parse(parse(body)), res);
    if (run.stale) return problem(res, 409, 'stale_lease', 'this lease is not the current one');
    switch (what) {
      case 'start':
        run.start = ReportStart.parse(parse(body));
        return void res.writeHead(204).end();
      case 'inbox': {
        const { after } = ReadInbox.parse(parse(body));
        return json(res, 200, { items: run.inbox.slice(after, after + 2), inboxN: run.inbox.length });
      }
      case 'approvals':
        return this.approvals(run, name, body, res);
      case 'withdraw-approvals':
        withdrawn(run, WithdrawApprovals.parse(parse(body)).waiting);
        return void res.writeHead(204).end();
      case 'blobs':
        if (this.refuses.test(name)) {
          this.refusedFiles.push(name);
          return problem(res, 503, 'unavailable', 'the disk is full');
        }
        run.blobs.set(name, body);
        return void res.writeHead(204).end();
      case 'checkpoint':
        return this.checkpoint(run, res);
      case 'hand-back':
        run.handedBack = HandBackRun.parse(parse(body));
        return void res.writeHead(204).end();
      case 'finish':
        return this.finish(run, FinishRun.parse(parse(body)), res);
      default:
        return problem(res, 404, 'route_not_found', `${req.method} ${path}`);
    }
  }

  private approvals(run: PretendRun, id: string, body: Buffer, res: ServerResponse): void {
    const waitMs = this.approvalWaitMs;
    const reply = id === '' ? reported(run, ReportApproval.parse(parse(body)), this.rule) : closed(run, id);
    this.changed();
    if (reply === null) return void res.writeHead(204).end();
    json(res, 200, { ...reply, waitMs });
  }

  /** Its own, else that of the run it goes on with. */
  private checkpoint(run: PretendRun, res: ServerResponse): void {
    const before = this.runs.get(run.claimed.resume?.runId ?? '');
    const bytes = run.blobs.get(checkpointName) ?? before?.blobs.get(checkpointName);
    if (bytes === undefined) return problem(res, 404, 'blob_not_found', 'No checkpoint of the run is kept.');
    res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
  }

  private append(run: PretendRun, body: AppendEvents, res: ServerResponse): void {
    const next = run.events.length + 1;
    if (body.firstN <= next) run.events.push(...body.events.slice(next - body.firstN).map((e) => normaliseEvent(e)));
    json(res, 200, { nextN: run.events.length + 1, cancel: run.cancel, late: run.stale, inboxN: run.inbox.length });
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
