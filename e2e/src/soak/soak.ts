// A soak, top to bottom: real programs under a steady load, random faults, and in the end a balance.
import { rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@corch/contract/client';
import { processesWith } from '../processes.js';
import { fastProfile, mains, Stack } from '../stack.js';
import { judgeTask, type Findings, type Lines } from './balance.js';
import { bytesOf } from './database-size.js';
import { Faults } from './faults.js';
import { Fleet } from './fleet.js';
import { readFacts, readTaskIds, settle } from './gather.js';
import { endAll } from './host.js';
import { KeyLimits } from './key-limits.js';
import { Load } from './load.js';
import { Orchestrators } from './orchestrators.js';
import { Random } from './random.js';
import { addRecoveries, type Fault, type Recoveries } from './recovery.js';
import type { Servers } from './server-faults.js';
import { StoreSizes } from './store-sizes.js';
import { vitalsOf, type Vitals } from './vitals.js';
import { Watch } from './watch.js';
import { Witness } from './witness.js';
import { nextWork, soakScripts } from './work.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly workers: number;
  /** The pause between two faults, on average; 0 for none. */
  readonly faultSeconds: number;
  /** PostgreSQL instead of SQLite, and Redis beside it. */
  readonly servers: Servers;
  /** More than one only with Redis. */
  readonly orchestrators: number;
  readonly say: (line: string) => void;
}

/** Everything that the table at the end is made from. */
export interface SoakResult {
  readonly findings: Findings;
  readonly zombies: readonly string[];
  readonly tasks: number;
  readonly runs: number;
  /** How often tasks ended in which way. */
  readonly ends: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
  readonly recoveries: Recoveries;
  readonly lines: Lines;
  readonly incompleteRuns: number;
  /** How often a run waited for a plan limit. */
  readonly parked: number;
  readonly orchestrator: Vitals;
  readonly worker: Vitals;
  /** Bytes of the database before and after. */
  readonly database: { readonly before: number; readonly after: number };
  readonly sizes: Pick<StoreSizes, 'tables' | 'keys' | 'keyMemory'>;
}

/** Lets a program tell how it does. */
const nodeArgs = ['--import', new URL('probe.mjs', import.meta.url).href];
const concurrency = 2;
const lostAfterSeconds = 5;
const leaseMs = 3000;
/** Slower than the fast profile, so that a loaded machine alone makes no worker unreachable. */
const profile = {
  ...fastProfile,
  HEARTBEAT_MS: '500',
  LEASE_MS: String(leaseMs),
  LOST_AFTER_CAP_MS: String(lostAfterSeconds * 1000),
  CLAIM_WAIT_MS: '5000',
  LIMIT_JITTER_MS: '500',
  UNACKED_MS: '4000',
  // Here a run is interrupted more often in a minute than elsewhere in a year.
  INFRA_RETRIES: '20',
};
/** After the last fault everything has to end by itself within this. */
const settleMs = 180_000;

/** The promise that a run starts elsewhere when its worker is gone: the lease, the time the worker asked for, and five seconds. */
export const goneTargetMs = leaseMs + lostAfterSeconds * 1000 + 5000;

export class Soak {
  readonly stack: Stack;
  private readonly orchestrators: Orchestrators;
  private readonly random: Random;
  private readonly witness: Witness;
  private readonly stopping = new AbortController();
  private fleet: Fleet | undefined;
  private watch: Watch | undefined;
  private readonly sizes: StoreSizes;

  constructor(private readonly options: SoakOptions) {
    this.random = new Random(options.seed);
    // The folder exists as soon as the stack does.
    const { postgres, redis } = options.servers;
    const env = { ...(postgres && { DATABASE_URL: postgres.url }), ...(redis && { REDIS_URL: redis.url }) };
    const scripts = {};
    this.stack = new Stack({ profile, workers: 0, env, scripts, nodeArgs });
    this.sizes = new StoreSizes(options.servers, this.stack.data);
    this.orchestrators = new Orchestrators(this.stack);
    this.witness = new Witness(this.stack.folder);
    Object.assign(scripts, soakScripts(this.witness));
  }

  /** All of it, until the balance; rejects when it is broken off. {@link end} has to follow in any case. */
  async run(): Promise<SoakResult> {
    const aborted = new Promise<never>((_, reject) => {
      this.stopping.signal.addEventListener('abort', () => reject(new Error('The soak was broken off.')));
    });
    const work = this.work();
    work.catch(() => undefined);
    return Promise.race([work, aborted]);
  }

  private async work(): Promise<SoakResult> {
    const { minutes, workers, faultSeconds, servers, say } = this.options;
    const { stack, orchestrators, random } = this;
    await stack.start();
    await orchestrators.start(this.options.orchestrators);
    const { url } = orchestrators;
    const client = stack.clientOf(url);
    const before = this.databaseBytes();
    const fleet = new Fleet(stack, client, { url, concurrency, lostAfterSeconds, drainGraceSeconds: 2, nodeArgs });
    this.fleet = fleet;
    for (let n = 0; n < workers; n++) await fleet.add();
    await Promise.all(fleet.hosts.map((host) => host.ready()));
    const watch = new Watch(stack, fleet, client);
    this.watch = watch;
    watch.start();
    this.sizes.start();
    const places = { repository: stack.repository('soaked'), witness: this.witness };
    const load = new Load({
      open: Math.ceil(workers * concurrency * 0.75),
      client,
      random: random.fork(),
      next: (draw) => nextWork(draw, places),
    });
    const faults = new Faults({
      orchestrators,
      fleet,
      load,
      servers,
      random: random.fork(),
      everyMs: faultSeconds * 1000,
      leaseMs,
      lostAfterMs: lostAfterSeconds * 1000,
      say,
    });
    const working = load.run();
    const breaking = faultSeconds > 0 ? faults.run() : Promise.resolve();
    await Promise.race([this.pass(minutes), failing(working), failing(breaking)]);
    faults.stop();
    await breaking;
    load.stop();
    await working;
    await settle(load, settleMs, say);
    const result = await this.balance(client, load, faults);
    await watch.stop();
    await this.sizes.stop();
    const left = await this.stopAll();
    const orchestrator = vitalsOf(stack.programs, mains.orchestrator);
    const worker = vitalsOf(stack.programs, mains.worker);
    const database = { before, after: this.databaseBytes() };
    return {
      ...{ ...result, zombies: [...watch.zombies, ...left] },
      ...{ orchestrator, worker, database, sizes: this.sizes },
    };
  }

  /** Breaks the soak off. */
  abort(): void {
    this.stopping.abort();
  }

  get isAborted(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Ends every process that was started, whatever state it is in. */
  async end(keepFolder: boolean): Promise<void> {
    await this.watch?.stop();
    await this.sizes.stop();
    await this.fleet?.end();
    await this.orchestrators.end();
    await this.stack.model?.close().catch(() => undefined);
    await endAll(() => processesWith(this.stack.folder));
    if (keepFolder) this.writeLogs();
    else rmSync(this.stack.folder, { recursive: true, force: true });
  }

  private writeLogs(): void {
    this.stack.programs.forEach(({ main, stdout, stderr }, index) => {
      const name = basename(dirname(dirname(main)));
      writeFileSync(join(this.stack.folder, `log-${index + 1}-${name}.txt`), stdout + stderr);
    });
  }

  private databaseBytes(): number {
    return bytesOf(this.options.servers.postgres?.folder ?? this.stack.data);
  }

  /** The clean stop of every program; what of the runs is left then should not be. */
  private async stopAll(): Promise<string[]> {
    const { hosts = [] } = this.fleet ?? {};
    await Promise.all(hosts.map((host) => host.drain(20_000)));
    await this.orchestrators.stop();
    return processesWith(this.stack.folder).map(
      ({ pid, command }) => `process ${pid} is left after every program has ended: ${command}`,
    );
  }

  private async balance(client: Client, load: Load, faults: Faults) {
    const findings: Findings = { lost: [], duplicated: [], broken: [...faults.broken] };
    const recoveries: Recoveries = { restarted: [], gone: [], handedBack: [], disturbed: 0 };
    const lines: Lines = { stored: 0, missing: 0 };
    const limits = new KeyLimits();
    const executions = this.witness.executions();
    const ends = new Map<string, number>();
    let runs = 0;
    let incompleteRuns = 0;
    let parked = 0;
    for (const [taskId, asked] of load.accepted) {
      const task = await readFacts(client, taskId, asked, executions);
      if (task === null) {
        findings.lost.push(`${taskId} was accepted and is unknown`);
        continue;
      }
      judgeTask(task, findings, lines);
      addRecoveries(task, faults.log, recoveries);
      runs += task.runs.length;
      for (const { run, events } of task.runs) {
        if (run.logIncomplete) incompleteRuns++;
        parked += events.filter((event) => event.type === 'status' && event.status === 'waiting').length;
        const { concurrencyKey: key, concurrencyLimit: limit } = asked;
        if (key !== undefined) limits.add(key, limit ?? 1, events);
      }
      const reason = task.runs.at(-1)?.run.reason ?? null;
      const why = asked.fails ? 'as asked' : reason;
      const end = task.status === 'failed' ? `failed (${why})` : task.status;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    findings.broken.push(...limits.findings());
    for (const id of await readTaskIds(client)) {
      if (!load.accepted.has(id)) findings.duplicated.push(`${id} exists, but no submit was answered with it`);
    }
    const tasks = load.accepted.size;
    return { findings, tasks, runs, ends, faults: faults.log, recoveries, lines, incompleteRuns, parked };
  }

  /** In each half of the time another orchestrator is spared, so that one lives long enough to show what grows. */
  private async pass(minutes: number): Promise<void> {
    for (const spared of [0, 1]) {
      this.orchestrators.spare(spared);
      await this.pause(minutes * 30_000);
    }
  }

  private pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

/** Never resolves; rejects as `work` does, so that a race ends with it. */
function failing(work: Promise<void>): Promise<never> {
  return work.then(() => new Promise<never>(() => undefined));
}
