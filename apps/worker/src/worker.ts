// The worker: gets ready, registers, then keeps three things going (claims, heartbeats, control) until it is stopped.
import {
  protocolVersion,
  version,
  type Login,
  type RegisteredWorker,
  type RegisterWorker,
  type WorkerIntervals,
} from '@corch/contract';
import { ApiError, createClient, patient, pause, withRetry, type Client } from '@corch/contract/client';
import { constants } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { claimRuns } from './claim-loop.js';
import { findClaude } from './claude/claude-program.js';
import { demoLogin, detectLogin } from './claude/login.js';
import type { WorkerConfig } from './config.js';
import type { WorkerContext, WorkerFolders } from './context.js';
import { watchControl } from './control.js';
import { DemoModel } from './demo-model.js';
import { messageOf } from './error-facts.js';
import { lockFolder } from './folder-lock.js';
import { keepHeartbeat } from './heartbeat.js';
import { HeldRuns } from './held-runs.js';
import { enrol, findIdentity } from './identity.js';
import type { Logger } from './logger.js';
import { Containment } from './process-tree/containment.js';
import { isRefused, Reachability } from './reachability.js';
import { RunFolder } from './run-folder.js';
import { StartError } from './start-error.js';
import { pruneFolders, workspaceFolder } from './workspace.js';
import { Git } from './workspace/git.js';

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
};

export class Worker {
  private readonly stopping = new AbortController();
  private readonly reachability: Reachability;
  private held!: HeldRuns;
  private context!: WorkerContext;
  private client!: Client;
  private currentLogin: Login = { kind: 'none', label: null };
  private intervals = defaultIntervals;
  private unlock: () => Promise<void> = () => Promise.resolve();
  private loops: Promise<void>[] = [];
  private stopped: Promise<void> | undefined;
  private finish: (end: WorkerEnd) => void = () => undefined;
  /** Resolves when the worker has ended by itself or was stopped, with everything given back. */
  readonly ended: Promise<WorkerEnd>;

  constructor(
    private readonly config: WorkerConfig,
    private readonly logger: Logger,
  ) {
    this.reachability = new Reachability(config.url, logger);
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
    const folders = await this.makeFolders();
    this.unlock = await lockFolder(this.config.dir);
    try {
      this.context = await this.makeContext(folders);
      this.held = new HeldRuns(this.context);
      this.held.onGone = () => void this.prune();
      const found = await this.findHeld();
      const facts = await this.register(found);
      void this.prune();
      this.loops = [
        this.keepGoing('claims', (signal) => this.claim(signal)),
        this.keepGoing('heartbeats', (signal) => this.beat(signal)),
        this.keepGoing('control', (signal) => this.control(signal)),
      ];
      return facts;
    } catch (error) {
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

  /** Ends every process of every run at once. The process must exit right after. */
  async kill(): Promise<void> {
    await this.held?.kill();
  }

  private async stopNow(end: WorkerEnd): Promise<void> {
    this.stopping.abort(new Error('the worker is stopping'));
    // A removed worker will not come back for its runs.
    await this.held?.stopAll(end.reason === 'stopped' ? 'shutdown' : 'stale');
    await Promise.all(this.loops);
    await this.context?.demo.close();
    await this.unlock();
    this.finish(end);
  }

  private async makeFolders(): Promise<WorkerFolders> {
    const { dir } = this.config;
    const folders = { runs: join(dir, 'runs'), workspaces: join(dir, 'workspaces'), homes: join(dir, 'homes') };
    try {
      for (const folder of [dir, ...Object.values(folders)]) await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(dir, constants.W_OK);
    } catch (error) {
      const hint = 'Name another folder with --dir, or mend the rights of this one.';
      throw new StartError('dir_not_writable', `The folder ${dir} cannot be used: ${messageOf(error)}.`, hint, {
        cause: error,
      });
    }
    return folders;
  }

  private async makeContext(folders: WorkerFolders): Promise<WorkerContext> {
    const { config, logger } = this;
    const claude = await findClaude(config.claudeBin, config.environment);
    if (claude.problem !== null)
      logger.warn('no usable Claude Code; only commands are run', { problem: claude.problem });
    const containment = await Containment.open(config.containment);
    const context: WorkerContext = {
      config,
      folders,
      containment,
      claude,
      git: new Git(config.environment),
      demo: new DemoModel(),
      logger,
      login: () => this.currentLogin,
      intervals: () => this.intervals,
      clientFor: (token) => this.connect(token),
    };
    this.currentLogin = await this.readLogin(claude.path);
    logger.debug('worker prepared', {
      containment: containment.mode,
      login: this.currentLogin.kind,
      claude: claude.path,
    });
    return context;
  }

  private connect(token: string): Client {
    return createClient({ baseUrl: this.config.url, token, userAgent: `corch-worker/${version}` });
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
        found.push(folder);
        continue;
      }
      // A crash between making the folder and writing the claim: the orchestrator hands that run out again.
      this.logger.warn('run folder without a claim removed', { runId });
      await rm(join(this.context.folders.runs, runId), { recursive: true, force: true });
    }
    return found;
  }

  private async register(found: readonly RunFolder[]): Promise<WorkerFacts> {
    const { signal } = this.stopping;
    const connect = (token: string) => this.connect(token);
    let identity = await findIdentity(this.config, connect, signal);
    const ask = this.registration(found);
    const attempt = () => {
      this.client = connect(identity.token);
      return withRetry(patient, () => this.registerOnce(ask), signal);
    };
    const reply = await attempt().catch(async (error: unknown) => {
      const isForgotten = isRefused(error) && error.status === 401 && identity.isSaved;
      if (!isForgotten || this.config.enrolToken === undefined) throw startError(error);
      // The orchestrator is a new one, or forgot this worker: the enrolment token says it is welcome.
      identity = await enrol(this.config, connect, signal);
      return attempt().catch((again: unknown) => {
        throw startError(again);
      });
    });
    this.intervals = reply.intervals;
    await this.takeHeld(found, reply.held);
    const { name, claude, login, capacity } = ask;
    this.logger.info('worker registered', { workerId: reply.workerId, name, url: this.config.url });
    return { workerId: reply.workerId, name, claude, login, capacity };
  }

  private async registerOnce(body: RegisterWorker): Promise<RegisteredWorker> {
    try {
      const reply = await this.client.registerWorker({ body, signal: this.stopping.signal });
      this.reachability.reached();
      return reply;
    } catch (error) {
      this.reachability.failed(error);
      throw error;
    }
  }

  private registration(found: readonly RunFolder[]): RegisterWorker {
    const { config, context } = this;
    return {
      protocol: protocolVersion,
      version,
      name: config.name,
      host: hostname(),
      os: { darwin: 'mac', win32: 'windows' }[process.platform as string] ?? process.platform,
      arch: process.arch,
      nodeVersion: process.versions.node,
      claude: context.claude,
      login: this.currentLogin,
      allowCommands: config.allowCommands,
      capacity: config.concurrency,
      pools: [...config.pools],
      labels: [...config.labels],
      lostAfterMs: config.lostAfterMs,
      held: found.map(({ run }) => ({ runId: run.runId, epoch: run.epoch })),
    };
  }

  /** Goes on with what the orchestrator still gives to this worker and drops the rest. */
  private async takeHeld(found: readonly RunFolder[], replies: RegisteredWorker['held']): Promise<void> {
    for (const folder of found) {
      const { runId, epoch } = folder.run;
      const reply = replies.find((row) => row.runId === runId && row.epoch === epoch);
      if (reply?.state === 'resume') {
        this.logger.info('run goes on', { runId, epoch });
        await this.held.hold(reply.run ?? folder.run);
      } else {
        this.logger.info('run dropped; it is no longer held by this worker', { runId, epoch });
        await folder.remove();
      }
    }
  }

  private claim(signal: AbortSignal): Promise<void> {
    const { client, held, config, logger } = this;
    return claimRuns(client, held, config.concurrency, () => this.intervals.claimWaitMs, logger, signal);
  }

  private beat(signal: AbortSignal): Promise<void> {
    return keepHeartbeat({
      client: this.client,
      held: this.held,
      reachability: this.reachability,
      heartbeatMs: () => this.intervals.heartbeatMs,
      refreshLogin: () => this.refreshLogin(),
      signal,
    });
  }

  private control(signal: AbortSignal): Promise<void> {
    return watchControl(this.client, this.held, () => void this.stop({ reason: 'removed' }), this.logger, signal);
  }

  /** Somebody may run `claude auth login` or `logout`. On macOS each look starts a program, so there only the start counts. */
  private async refreshLogin(): Promise<Login> {
    if (process.platform !== 'darwin') this.currentLogin = await this.readLogin(this.context.claude.path);
    return this.currentLogin;
  }

  /** Keeps a loop going; a refused token ends the worker. */
  private async keepGoing(what: string, loop: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
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

  /** Removes workspaces and homes of runs that ended long ago. */
  private async prune(): Promise<void> {
    const { folders } = this.context;
    const { keepDays, keepWorkspaces: keep } = this.config;
    const { runs } = this.held;
    const workspaces = new Set(runs.map((run) => workspaceFolder(folders.workspaces, run)));
    const homes = new Set(runs.map((run) => join(folders.homes, run.sessionId)));
    try {
      await pruneFolders(folders.workspaces, workspaces, { keepDays, keep }, Date.now());
      await pruneFolders(folders.homes, homes, { keepDays, keep }, Date.now());
    } catch (error) {
      this.logger.warn('old workspaces not removed', { error });
    }
  }
}

/** What a refused call means for the start. Errors of other kinds are passed on. */
function startError(error: unknown): StartError {
  if (!(error instanceof ApiError)) throw error;
  const options = { cause: error };
  if (error.code === 'worker_outdated') {
    return new StartError('worker_outdated', error.message, error.hint, options);
  }
  if (error.status !== 401) return new StartError('refused', error.message, error.hint, options);
  const message = `The orchestrator refused the token of this worker: ${error.message}`;
  const hint = 'It was removed, or the data of the orchestrator is new. Enrol it again with --enrol-token-file.';
  return new StartError('not_authenticated', message, hint, options);
}
