import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent, Status, SubmitTask, TaskDetail } from '@corch/contract';
import { isFinal } from '@corch/contract';
import { createClient, type Client, type RetryPolicy } from '@corch/contract/client';
import { demoScripts, startScriptedModel, testScripts, type ScriptedModel, type Scripts } from '@corch/scripted-model';
import { processesWith } from './processes.js';
import { Program, type Message, type ProgramOptions } from './program.js';
import { makeRepository } from './repository.js';
import { waitFor } from './wait-for.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const mains = {
  orchestrator: join(root, 'apps/orchestrator/dist/main.js'),
  worker: join(root, 'apps/worker/dist/main.js'),
  cli: join(root, 'apps/cli/dist/main.js'),
};

/** All clocks of the orchestrator, fast enough for tests. */
export const fastProfile = {
  HEARTBEAT_MS: '200',
  LEASE_MS: '1200',
  LOST_AFTER_CAP_MS: '3000',
  CLAIM_WAIT_MS: '2000',
  CLAIM_POLL_MS: '500',
  APPEND_MS: '50',
  CHECKPOINT_MS: '1000',
  REAP_MS: '200',
  CLAIM_WATCH_MS: '500',
  UNACKED_MS: '2000',
  RATE_LIMIT_PER_MINUTE: '100000',
};

export interface StackOptions {
  /** The clocks of the orchestrator; {@link fastProfile} by default, `{}` for those of production. */
  readonly profile?: Record<string, string>;
  /** Further environment of the orchestrator. */
  readonly env?: Record<string, string>;
  /** How many workers to start at once; 1 by default. */
  readonly workers?: number;
  /** Another copy of the orchestrator than the one that was built here. */
  readonly orchestrator?: string;
  /** What Node is told before each orchestrator, of {@link Stack.startPeer}, too. */
  readonly nodeArgs?: readonly string[];
  /** Further scripts of the model. */
  readonly scripts?: Scripts;
}

export interface WorkerOptions {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Its folder; a worker that is started again on the same one goes on with what it held. */
  readonly folder?: string;
  /** Where it looks for the orchestrator, when something lies between them. */
  readonly url?: string;
  /** On which machine it runs, where that is not this one. */
  readonly within?: readonly string[];
  /** Another copy of the program than the one that was built here. */
  readonly main?: string;
  /** What Node is told before it. */
  readonly nodeArgs?: readonly string[];
}

/** One more orchestrator. */
export interface Peer {
  readonly program: Program;
  readonly url: string;
  readonly client: Client;
}

/** The real programs as processes on free ports with temporary data, and the scripted model that their Claude Code talks to. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'corch-'));
  readonly repositories = join(this.folder, 'repositories');
  readonly workers: Program[] = [];
  /** The tasks that the orchestrator has accepted through {@link submit}. */
  readonly accepted: string[] = [];
  orchestrator!: Program;
  model!: ScriptedModel;
  url = '';
  /** Everything that was ever started, in order. */
  readonly programs: Program[] = [];
  private workerFolders = 0;
  private peers = 0;

  constructor(private readonly options: StackOptions = {}) {}

  /** The programs that run now. */
  get pids(): number[] {
    return this.programs.filter((program) => program.isRunning).map(({ pid }) => pid);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  get adminKey(): string {
    return readFileSync(join(this.data, 'admin.key'), 'utf8').trim();
  }

  /** A client with the rights of the machine's own administrator. */
  get client(): Client {
    return this.clientOf(this.url);
  }

  /** An environment that holds nothing of the person who runs the tests. */
  get cleanEnv(): Record<string, string> {
    const home = join(this.folder, 'home');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: this.folder, LANG: 'C.UTF-8' };
  }

  /** What every program is started with beside its own. */
  protected get programEnv(): Record<string, string> {
    return {};
  }

  async start(): Promise<this> {
    this.model = await startScriptedModel({ scripts: { ...demoScripts, ...testScripts, ...this.options.scripts } });
    await this.startOrchestrator();
    for (let n = 0; n < (this.options.workers ?? 1); n++) await this.startWorker();
    return this;
  }

  /** Starts the orchestrator (again: on the same data and, once it has one, the same port). */
  async startOrchestrator(
    env: Record<string, string> = {},
    main = this.options.orchestrator ?? mains.orchestrator,
  ): Promise<Message> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const own = { HOST: '127.0.0.1', PORT: port, DATA_DIR: this.data };
    const variables = { ...own, ...(this.options.profile ?? fastProfile), ...this.options.env, ...env };
    this.orchestrator = this.run(main, [], variables, { nodeArgs: this.options.nodeArgs });
    const ready = await this.orchestrator.ready();
    this.url = String(ready.url);
    return ready;
  }

  /** Starts one more orchestrator beside the first, on the same database; it has data and a port of its own. */
  async startPeer(main = this.options.orchestrator ?? mains.orchestrator): Promise<Peer> {
    const own = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(this.folder, `data-${++this.peers}`) };
    const variables = { ...own, ...(this.options.profile ?? fastProfile), ...this.options.env };
    const program = this.run(main, [], variables, { nodeArgs: this.options.nodeArgs });
    const { url } = await program.ready();
    return { program, url: String(url), client: this.clientOf(String(url)) };
  }

  /** A client of one of the orchestrators, or of what lies before them. */
  clientOf(url: string): Client {
    return createClient({ baseUrl: url, token: this.adminKey });
  }

  /** Enrols and starts a worker whose Claude Code talks to the scripted model with a key that opens nothing. */
  async startWorker(options: WorkerOptions = {}): Promise<Program> {
    const { token } = await this.client.createEnrolment();
    const worker = this.spawnWorker({ ...options, env: { WORKER_ENROL_TOKEN: token, ...options.env } });
    await worker.ready();
    return worker;
  }

  /** As {@link startWorker} without waiting. Unless `options` say how it enrols, its folder must know who it is. */
  spawnWorker(options: WorkerOptions = {}): Program {
    const folder = options.folder ?? join(this.folder, `worker-${++this.workerFolders}`);
    const worker = this.run(
      options.main ?? mains.worker,
      [
        'start',
        '--url',
        options.url ?? this.url,
        '--dir',
        folder,
        '--allow',
        this.repositories,
        '--allow-commands',
        '--concurrency',
        '2',
        ...(options.args ?? []),
      ],
      {
        WORKER_ALLOW_REPOSITORIES: '*',
        ANTHROPIC_API_KEY: 'sk-ant-test-opens-nothing',
        ANTHROPIC_BASE_URL: this.model.url,
        CLAUDE_CODE_MAX_RETRIES: '2',
        // Whatever the disk of this machine has left.
        WORKER_MIN_FREE_MB: '0',
        ...options.env,
      },
      { within: options.within, nodeArgs: options.nodeArgs },
    );
    this.workers.push(worker);
    return worker;
  }

  /** Runs one of the programs with a clean environment plus `env`; it is ended with the stack. */
  run(
    main: string,
    args: readonly string[],
    env: Record<string, string> = {},
    { cwd = this.folder, ...how }: Pick<ProgramOptions, 'cwd' | 'within' | 'nodeArgs' | 'input'> = {},
  ): Program {
    const all = { ...this.cleanEnv, ...this.programEnv, ...env };
    const program = new Program(main, { args, env: all, cwd, ...how });
    this.programs.push(program);
    return program;
  }

  /** Runs `corch` to its end, signed in as the administrator. */
  async corch(args: readonly string[], env: Record<string, string> = {}, cwd?: string, input?: string) {
    const own = { CORCH_SERVER: this.url, CORCH_TOKEN_FILE: join(this.data, 'admin.key') };
    return this.run(mains.cli, args, { ...own, ...env }, { cwd, input }).ended;
  }

  /** A repository with one commit, below the folder that the workers allow. */
  repository(name: string, files?: Record<string, string>): string {
    return makeRepository(join(this.repositories, name), files);
  }

  async submit(task: SubmitTask, how: { idempotencyKey?: string; retry?: RetryPolicy } = {}): Promise<TaskDetail> {
    const accepted = await this.client.submitTask({ body: task, ...how });
    this.accepted.push(accepted.id);
    return accepted;
  }

  /** Waits until the task has one of the statuses (any final one by default) and gives it. */
  until(taskId: string, statuses?: readonly Status[], timeoutMs?: number): Promise<TaskDetail> {
    return waitFor(
      `${taskId} to be ${statuses?.join(' or ') ?? 'final'}`,
      async () => {
        const task = await this.client.readTask({ params: { taskId } });
        return (statuses?.includes(task.status) ?? isFinal(task.status)) ? task : undefined;
      },
      timeoutMs,
    );
  }

  /** Waits until all are final, asking for one at a time: hundreds of questions at once keep the orchestrator from its work. */
  async untilAll(taskIds: readonly string[]): Promise<TaskDetail[]> {
    const ended: TaskDetail[] = [];
    for (const taskId of taskIds) ended.push(await this.until(taskId));
    return ended;
  }

  /** The whole stored transcript of a run. */
  async events(runId: string): Promise<RunEvent[]> {
    const all: RunEvent[] = [];
    for (let after = 0; ;) {
      const page = await this.client.listEvents({ params: { runId }, query: { after, limit: 5000 } });
      all.push(...(page.data as RunEvent[]));
      after = page.lastSeq;
      if (!page.hasMore) return all;
    }
  }

  /** Stops everything, and fails when a process was left over. */
  async stop(): Promise<void> {
    await Promise.all(this.programs.filter((program) => program.isRunning).map((program) => program.stop()));
    // One that was never started has none.
    await (this.model as ScriptedModel | undefined)?.close();
    const left = processesWith(this.folder);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (left.length > 0) throw new Error(`processes were left over: ${JSON.stringify(left)}`);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts a stack; `await stack.stop()` in `afterAll`. */
export function startStack(options?: StackOptions): Promise<Stack> {
  return new Stack(options).start();
}
