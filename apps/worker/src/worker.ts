// The worker: gets ready, registers, then keeps three things going (claims, heartbeats, control) until it is stopped.
import {
  beatEveryMs,
  type Login,
  type RegisterWorker,
  type RegisteredWorker,
  type WorkerIntervals,
} from '@corch/contract';
import { pause, type Client } from '@corch/contract/client';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from './abortable.js';
import { Beats } from './beats.js';
import { bootMs } from './boot-clock.js';
import { claimRuns } from './claim-loop.js';
import { findClaude } from './claude/claude-program.js';
import { demoLogin, detectLogin } from './claude/login.js';
import type { WorkerConfig } from './config.js';
import { openConnections, type Connect } from './connect.js';
import type { WorkerContext, WorkerFolders } from './context.js';
import { watchControl } from './control.js';
import { DemoModel } from './demo-model.js';
import { Housekeeping } from './disk/housekeeping.js';
import { lookAtDisk, watchDisk } from './disk-watch.js';
import { lockFolder } from './folder-lock.js';
import { makeFolders, noteHeartbeat } from './folders.js';
import { keepHeartbeat } from './heartbeat.js';
import { HeldRuns } from './held-runs.js';
import { LateRuns } from './late-runs.js';
import { handOverOf } from './lease-rules.js';
import { LeaseWatch } from './lease-watch.js';
import type { Logger } from './logger.js';
import { Orders } from './orders.js';
import { Containment } from './process-tree/containment.js';
import { isRefused, Reachability } from './reachability.js';
import { register, registrationOf, startError } from './registration.js';
import { RunFolder } from './run-folder.js';
import { Shift } from './shift.js';
import { countCrashes, Suspects } from './suspects.js';
import { Git } from './workspace/git.js';
import { Mirrors } from './workspace/mirrors.js';
import { within } from './within.js';

/** Why the worker ended. */
export type WorkerEnd =
  { readonly reason: 'stopped' | 'removed' } | { readonly reason: 'refused'; readonly message: string };

/** What the parent is told when the worker is ready. */
export interface WorkerFacts extends Pick<RegisterWorker, 'name' | 'claude' | 'login' | 'capacity'> {
  readonly workerId: string;
}

/** A loop that failed in a way nobody foresaw is started again after this. */
const restartMs = 5000;

const defaultIntervals: WorkerIntervals = {
  heartbeatMs: 10_000,
  leaseMs: 60_000,
  claimWaitMs: 25_000,
  appendMs: 250,
  appendBytes: 262_144,
  checkpointMs: 30_000,
};

export class Worker {
  private readonly stopping = new AbortController();
  /** Aborted before `stopping` by a drain, in which everything but claiming goes on. */
  private readonly leaving = new AbortController();
  private readonly orders: Orders;
  private readonly reachability: Reachability;
  private readonly beats = new Beats();
  private readonly shift: Shift;
  private held!: HeldRuns;
  private late!: LateRuns;
  private leaseWatch!: LeaseWatch;
  private context!: WorkerContext;
  private client!: Client;
  private currentLogin: Login = { kind: 'none', label: null };
  private intervals = defaultIntervals;
  /** As a reply to a heartbeat told it last. */
  private handOverMs: number | undefined;
  private unlock: () => Promise<void> = () => Promise.resolve();
  private loops: Promise<void>[] = [];
  /** Resolves when no run can arrive any more, once the worker is leaving. */
  private arrivals: Promise<void> = Promise.resolve();
  private isStarted = false;
  private housekeeping!: Housekeeping;
  private drained: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  private finish: (end: WorkerEnd) => void = () => undefined;
  /** Resolves when the worker has ended by itself or was stopped, with everything given back. */
  readonly ended: Promise<WorkerEnd>;

  constructor(
    private readonly config: WorkerConfig,
    private readonly logger: Logger,
  ) {
    this.reachability = new Reachability(config.url, logger);
    this.shift = new Shift(config.shift, bootMs);
    const text = `The worker ${config.name} is being drained and gave the run back.`;
    this.orders = new Orders(() => this.held.handBackAll(text), logger);
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /**
   * Gets ready and registers, waiting for an orchestrator that is away.
   *
   * @throws StartError when it cannot work at all; then it has given everything back
   */
  async start(): Promise<WorkerFacts> {
    const folders = await makeFolders(this.config.dir);
    this.unlock = await lockFolder(this.config.dir);
    try {
      const connect = await openConnections(this.config, this.logger);
      this.context = await this.makeContext(folders, connect);
      this.late = new LateRuns(this.context);
      this.held = new HeldRuns(this.context, this.late);
      this.leaseWatch = new LeaseWatch(this.held, this.beats, () => this.context.handOver(), this.logger);
      this.housekeeping = new Housekeeping(this.context, this.held, this.stopping.signal);
      await this.housekeeping.load();
      this.held.onGone = () => this.housekeeping.prune();
      const { dir, minFreeBytes } = this.config;
      await lookAtDisk(dir, minFreeBytes, this.orders);
      const found = await this.findHeld();
      const facts = await this.register(found);
      this.housekeeping.prune();
      this.arrivals = this.keepGoing('claims', this.leaving.signal, (signal) => this.claim(signal));
      this.loops = [
        this.arrivals,
        this.keepGoing('heartbeats', this.stopping.signal, (signal) => this.beat(signal)),
        this.keepGoing('leases', this.stopping.signal, (signal) => this.leaseWatch.keep(signal)),
        this.keepGoing('control', this.stopping.signal, (signal) => this.control(signal)),
        this.keepGoing('disk', this.stopping.signal, (signal) => watchDisk(dir, minFreeBytes, this.orders, signal)),
        this.keepGoing('sizes', this.stopping.signal, (signal) => this.housekeeping.measure(signal)),
      ];
      this.isStarted = true;
      return facts;
    } catch (error) {
      await this.context?.containment.close();
      await this.unlock();
      throw error;
    }
  }

  /** True as soon as a stop was asked for; a start that fails then has not failed. */
  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Stops claiming, ends the children, keeps their runs for the next start. Asked twice it is the same stop. */
  stop(end: WorkerEnd = { reason: 'stopped' }): Promise<void> {
    this.stopped ??= this.stopNow(end);
    return this.stopped;
  }

  /**
   * Stops claiming, lets what runs come to its end for the grace period, gives back what has not, and stops. A worker that is
   * still starting stops at once.
   *
   * @param say told what happens, as sentences for whoever stops the worker
   */
  drain(say: (text: string) => void = () => undefined): Promise<void> {
    if (!this.isStarted) return this.stop();
    this.drained ??= this.drainNow(say);
    return this.drained;
  }

  /** Ends every process of every run at once. The process must exit right after. */
  async kill(): Promise<void> {
    await this.held?.kill();
  }

  private async drainNow(say: (text: string) => void): Promise<void> {
    const { drainGraceMs, name } = this.config;
    this.orders.leave();
    this.leaving.abort(new Error('the worker is leaving'));
    const inTime = within(this.stopping.signal, drainGraceMs);
    // What a claim was answered with just now is among them.
    await abortable(inTime, (resolve) => void this.arrivals.then(resolve));
    const { count } = this.held;
    this.logger.info('worker leaves', { runs: count, graceMs: drainGraceMs });
    if (count > 0 && drainGraceMs > 0) {
      const seconds = Math.round(drainGraceMs / 1000);
      say(`Finishing ${runs(count)} for up to ${seconds} s; send the signal again to stop now.`);
      await this.held.empty(inTime);
    }
    if (!this.isStopping) {
      if (this.held.count > 0) say(`Giving ${runs(this.held.count)} back; no attempt is counted.`);
      const text = `The worker ${name} was stopped and gave the run back.`;
      await this.held.handOver(text, () => this.reachability.isAway, this.arrivals);
    }
    await this.stop();
  }

  private async stopNow(end: WorkerEnd): Promise<void> {
    const reason = new Error('the worker is stopping');
    this.orders.leave();
    this.leaving.abort(reason);
    this.stopping.abort(reason);
    // A removed worker will not come back for its runs.
    await this.held?.stopAll(end.reason === 'removed' ? 'stale' : 'shutdown', this.arrivals);
    await Promise.all([...this.loops, this.housekeeping?.idle()]);
    await this.late?.stop();
    await this.context?.demo.close();
    await this.context?.containment.close();
    await this.unlock();
    this.finish(end);
  }

  private async makeContext(folders: WorkerFolders, connect: Connect): Promise<WorkerContext> {
    const { config, logger } = this;
    const claude = await findClaude(config.claudeBin, config.environment);
    if (claude.problem !== null)
      logger.warn('no usable Claude Code; only commands are run', { problem: claude.problem });
    const containment = await Containment.open(config.containment, config.maxProcesses);
    await containment.guard();
    const git = new Git(config.environment);
    const context: WorkerContext = {
      config,
      folders,
      containment,
      claude,
      git,
      mirrors: new Mirrors(git, folders.mirrors),
      demo: new DemoModel(),
      suspects: new Suspects(config.suspectMs),
      logger,
      login: () => this.currentLogin,
      intervals: () => this.intervals,
      leasesLookedAt: () => this.leaseWatch.ready(),
      handOver: () => handOverOf(this.intervals, this.config.lostAfterMs),
      clientFor: connect,
    };
    this.currentLogin = await this.readLogin(claude.path);
    logger.debug('worker prepared', {
      containment: containment.mode,
      login: this.currentLogin.kind,
      claude: claude.path,
    });
    return context;
  }

  private readLogin(claudePath: string): Promise<Login> {
    const { demo, environment } = this.config;
    return demo ? Promise.resolve(demoLogin) : detectLogin(environment, process.platform === 'darwin', claudePath);
  }

  /** What an earlier process left: its children are ended before anything else, its runs are offered to go on. */
  private async findHeld(): Promise<RunFolder[]> {
    const found: RunFolder[] = [];
    for (const runId of await RunFolder.list(this.context.folders.runs)) {
      const { ended, left } = await this.context.containment.forRun(runId).sweep();
      if (ended > 0) this.logger.warn('leftover processes ended', { runId, ended, left });
      const folder = await RunFolder.load(this.context.folders.runs, runId);
      if (folder !== null) {
        if (!folder.state.resting) found.push(folder);
        continue;
      }
      // A crash between making the folder and writing the claim: the orchestrator hands that run out again.
      this.logger.warn('run folder without a claim removed', { runId });
      await rm(join(this.context.folders.runs, runId), { recursive: true, force: true });
    }
    await countCrashes(found);
    return found;
  }

  private async register(found: readonly RunFolder[]): Promise<WorkerFacts> {
    const held = found.map(({ run }) => ({ runId: run.runId, epoch: run.epoch }));
    const state = { trouble: this.orders.trouble, disk: await this.housekeeping.readDisk() };
    const body = registrationOf(this.context, this.currentLogin, state, held);
    const { client, reply, sentAt } = await register(this.context, this.reachability, body, this.stopping.signal);
    this.client = client;
    this.intervals = reply.intervals;
    this.stopping.signal.throwIfAborted();
    const taken = this.takeHeld(found, reply.held, sentAt);
    this.arrivals = taken.catch(() => undefined);
    await taken;
    this.orders.take(reply);
    await this.late.start(Date.now());
    const { name, claude, login, capacity } = body;
    this.logger.info('worker registered', { workerId: reply.workerId, name, url: this.config.url });
    return { workerId: reply.workerId, name, claude, login, capacity };
  }

  /** Goes on with what the orchestrator still gives to this worker; of the rest only what it said is delivered. */
  private async takeHeld(
    found: readonly RunFolder[],
    replies: RegisteredWorker['held'],
    sentAt: number,
  ): Promise<void> {
    for (const folder of found) {
      const { runId, epoch } = folder.run;
      const reply = replies.find((row) => row.runId === runId && row.epoch === epoch);
      if (reply?.state === 'resume') {
        this.logger.info('run goes on', { runId, epoch });
        await this.held.hold(reply.run ?? folder.run, { renewedAt: sentAt, askedAt: sentAt, isAcknowledged: true });
      } else {
        this.logger.info('run dropped; it is no longer held by this worker', { runId, epoch });
        await this.late.take(folder);
      }
    }
  }

  private async claim(signal: AbortSignal): Promise<void> {
    const { client, held, orders, beats, shift, config, logger } = this;
    const waitMs = () => this.intervals.claimWaitMs;
    await claimRuns({ client, held, orders, beats, shift, config, waitMs, logger, signal });
    if (signal.aborted) return;
    logger.info('worker takes no more runs', { reason: shift.over(held.count), runs: held.count });
    await held.empty(signal);
    void this.drain();
  }

  private beat(signal: AbortSignal): Promise<void> {
    const { client, held, orders, beats, reachability } = this;
    const heartbeatMs = () => beatEveryMs(this.intervals, held.count);
    const refreshLogin = () => this.refreshLogin();
    const handOver = { heard: () => this.handOverHeard(), take: (ms: number) => this.takeHandOver(ms) };
    const disk = () => this.housekeeping.readDisk();
    const noteAnswer = () => noteHeartbeat(this.config.dir, beatEveryMs(this.intervals, 0));
    const asked = { heartbeatMs, handOver, refreshLogin, disk, noteAnswer };
    return keepHeartbeat({ client, held, orders, beats, reachability, ...asked, signal });
  }

  /** Said once per reply: an older orchestrator, put in the place of the one that told it, does not know the word. */
  private handOverHeard(): number | undefined {
    const heard = this.handOverMs;
    this.handOverMs = undefined;
    return heard;
  }

  private takeHandOver(handOverMs: number): void {
    this.handOverMs = handOverMs;
    this.intervals = { ...this.intervals, handOverMs };
  }

  private control(signal: AbortSignal): Promise<void> {
    const { client, held, orders, logger } = this;
    const onRemoved = () => void this.stop({ reason: 'removed' });
    return watchControl({ client, held, orders, onRemoved, logger, signal });
  }

  /** Somebody may run `claude auth login` or `logout`. On macOS each look starts a program, so there only the start counts. */
  private async refreshLogin(): Promise<Login> {
    if (process.platform !== 'darwin') this.currentLogin = await this.readLogin(this.context.claude.path);
    return this.currentLogin;
  }

  /** Keeps a loop going; a refused token ends the worker. */
  private async keepGoing(
    what: string,
    signal: AbortSignal,
    loop: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await loop(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isRefused(error)) {
          const { message, hint } = startError(error);
          this.logger.error('the orchestrator refuses this worker', { reason: message, hint });
          void this.stop({ reason: 'refused', message: `${message} ${hint}` });
          return;
        }
        this.logger.error('a loop failed and is started again', { loop: what, error });
        await pause(restartMs, signal).catch(() => undefined);
      }
    }
  }
}

function runs(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}
