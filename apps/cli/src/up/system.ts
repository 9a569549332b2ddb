import type { Client } from '@corch/contract/client';
import { orchestratorEnvironment, workerEnvironment, type Environment } from '../config.js';
import { ChildFailure, ChildProgram, type ChildMessage } from '../programs/child-program.js';
import { programFile } from '../programs/entries.js';
import type { DataFolder } from './data-folder.js';
import { LogFile } from './log-file.js';
import { Supervisor } from './supervisor.js';

export interface SystemOptions {
  readonly data: DataFolder;
  readonly host: string;
  readonly port: number;
  readonly insecureHttp: boolean;
  readonly demo: boolean;
  readonly concurrency: number;
  /** Folders whose repositories may be named by path; absolute. */
  readonly allow: readonly string[];
  readonly claudeBin: string | undefined;
  readonly environment: Environment;
  readonly say: (text: string) => void;
}

/** What the orchestrator says when it listens. */
export interface ReadyOrchestrator {
  /** For programs on this machine. */
  readonly url: string;
  readonly apiDocsUrl: string;
  readonly signInUrl: string | undefined;
}

/** Orchestrator and worker of one `up`, each a child that is kept running until `stop`. */
export class System {
  private readonly logs: LogFile[] = [];
  private readonly orchestrator: Supervisor;
  private readonly worker: Supervisor;
  private address: ReadyOrchestrator | undefined;
  private client: Client | undefined;
  private readonly running: Supervisor[] = [];

  constructor(private readonly options: SystemOptions) {
    this.orchestrator = this.supervisor('orchestrator', (own, log) => this.startOrchestrator(own, log));
    this.worker = this.supervisor('worker', (own, log) => this.startWorker(own, log));
  }

  /** @throws ChildFailure when it does not start */
  async start(): Promise<ReadyOrchestrator> {
    this.running.unshift(this.orchestrator);
    await this.orchestrator.start();
    if (this.address === undefined) throw new Error('the orchestrator said no address');
    return this.address;
  }

  /** Starts the worker; `client` has the rights to enrol it. @throws ChildFailure when it does not start */
  async addWorker(client: Client): Promise<void> {
    this.client = client;
    this.running.unshift(this.worker);
    await this.worker.start();
  }

  /** Starts again what ends unasked. Resolves when the orchestrator is over; a worker that is over is only reported. */
  async keep(): Promise<'stopped' | 'ended' | 'given_up'> {
    if (this.running.includes(this.worker)) void this.worker.keep();
    return this.orchestrator.keep();
  }

  /** The worker first: it has things to say before the orchestrator goes. */
  async stop(): Promise<void> {
    for (const each of this.running) await each.stop();
    await Promise.all(this.logs.map((log) => new Promise<void>((resolve) => log.end(() => resolve()))));
  }

  kill(): void {
    for (const each of this.running) each.kill();
  }

  private supervisor(
    name: 'orchestrator' | 'worker',
    start: (own: (child: ChildProgram) => void, log: LogFile) => Promise<void>,
  ): Supervisor {
    const { data, say } = this.options;
    let log: LogFile | undefined;
    return new Supervisor({
      name,
      say,
      logFile: data.log(name),
      start: (own) => {
        if (log === undefined) this.logs.push((log = new LogFile(data.log(name))));
        return start(own, log);
      },
    });
  }

  private async startOrchestrator(own: (child: ChildProgram) => void, log: LogFile): Promise<void> {
    const { options } = this;
    const child = new ChildProgram(programFile('orchestrator'), {
      args: [],
      cwd: options.data.path,
      log,
      environment: {
        ...orchestratorEnvironment(options.environment),
        HOST: options.host,
        // Once it has one, the same port again: the worker and every open page know it.
        PORT: this.address === undefined ? String(options.port) : new URL(this.address.url).port,
        DATA_DIR: options.data.path,
        ...(options.insecureHttp ? { INSECURE_HTTP: '1' } : {}),
      },
    });
    own(child);
    this.address = this.readyOrchestrator(await child.ready());
  }

  private readyOrchestrator({ url, apiDocsUrl, signInUrl }: ChildMessage): ReadyOrchestrator {
    const { environment, host, port } = this.options;
    if (typeof url !== 'string') throw new Error('the orchestrator said no address');
    return {
      // What people type may lead through a proxy; programs of this machine need not.
      url: environment['PUBLIC_URL'] ? localUrl(host, port) : url,
      apiDocsUrl: typeof apiDocsUrl === 'string' ? apiDocsUrl : `${url}/api/docs`,
      signInUrl: typeof signInUrl === 'string' ? signInUrl : undefined,
    };
  }

  private async startWorker(own: (child: ChildProgram) => void, log: LogFile): Promise<void> {
    const saved = this.options.data.savedWorkerToken();
    if (saved === undefined) return this.spawnWorker(own, log, await this.enrolment());
    try {
      await this.spawnWorker(own, log, { WORKER_TOKEN: saved });
    } catch (error) {
      if (!(error instanceof ChildFailure) || error.code !== 'not_authenticated') throw error;
      // The database was replaced, or the worker was removed from it.
      await this.spawnWorker(own, log, await this.enrolment());
    }
  }

  private async enrolment(): Promise<Record<string, string>> {
    if (this.client === undefined) throw new Error('the worker needs the orchestrator first');
    return { WORKER_ENROL_TOKEN: (await this.client.createEnrolment()).token };
  }

  private async spawnWorker(
    own: (child: ChildProgram) => void,
    log: LogFile,
    credentials: Record<string, string>,
  ): Promise<void> {
    const { options, address } = this;
    if (address === undefined) throw new Error('the worker needs the orchestrator first');
    const child = new ChildProgram(programFile('worker'), {
      args: [
        ...['start', '--url', address.url, '--dir', options.data.worker],
        ...['--concurrency', String(options.concurrency), '--allow-commands'],
        ...(options.environment['WORKER_ALLOW_REPOSITORIES'] ? [] : ['--allow-repository', '*']),
        ...(options.demo ? ['--demo'] : []),
        ...(options.claudeBin === undefined ? [] : ['--claude-bin', options.claudeBin]),
        ...options.allow.flatMap((path) => ['--allow', path]),
      ],
      cwd: options.data.path,
      log,
      environment: { ...workerOfUp(options.environment), ...credentials },
    });
    own(child);
    await child.ready();
  }
}

/** Where it is told to wait on Redis, it does so under the prefix of the orchestrator beside it. */
export function workerOfUp(environment: Environment): Record<string, string> {
  const { REDIS_PREFIX: prefix, WORKER_REDIS_PREFIX: own } = environment;
  return { ...workerEnvironment(environment), ...(prefix && !own ? { WORKER_REDIS_PREFIX: prefix } : {}) };
}

function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Where the sample and the folder of the person lie. */
export function allowedFolders(data: DataFolder, cwd: string, allow: readonly string[]): string[] {
  return [...new Set([cwd, data.sampleRepository, ...allow])];
}
