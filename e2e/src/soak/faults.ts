// What goes wrong in a soak. Every fault ends by itself, except that a machine is gone for good; then another one joins.
import { setTimeout as delay } from 'node:timers/promises';
import type { HalfOpenProxy } from '../half-open-proxy.js';
import type { Fleet } from './fleet.js';
import type { Host } from './host.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { Orchestrators } from './orchestrators.js';
import type { Fault } from './recovery.js';
import {
  breakServer,
  canHappen,
  isServerFault,
  serverFaultWeights,
  type ServerFaultKind,
  type Servers,
} from './server-faults.js';

/** How often each happens. The orchestrator's own deaths are rare enough that its memory can be watched between them. */
export const faultWeights = {
  'worker killed': 5,
  'worker paused': 1,
  'worker told to drain': 2,
  'worker drained': 3,
  'worker gone': 1,
  'worker frozen shortly': 3,
  'worker frozen for long': 2,
  'connection cut': 3,
  'black hole': 2,
  'black hole up': 1,
  'black hole down': 1,
  'child killed': 3,
  'orchestrator killed': 2,
  'cancel storm': 1,
  'task released': 2,
  ...serverFaultWeights,
};
export type FaultKind = keyof typeof faultWeights;
type HostFault = Exclude<FaultKind, 'cancel storm' | 'task released' | 'orchestrator killed' | ServerFaultKind>;

/** A drained worker gives its runs back within this; then it counts as hanging and is killed. */
const drainPatienceMs = 20_000;

export interface FaultsOptions {
  readonly orchestrators: Orchestrators;
  readonly fleet: Fleet;
  readonly load: Load;
  readonly servers: Servers;
  readonly random: Random;
  /** The pause between two faults, on average. */
  readonly everyMs: number;
  readonly leaseMs: number;
  readonly lostAfterMs: number;
  readonly say: (line: string) => void;
}

/** Does faults at random times until it is stopped, and keeps the log of them. */
export class Faults {
  readonly log: Fault[] = [];
  /** What should not happen while faults are done: a worker that does not end when asked. */
  readonly broken: string[] = [];
  private readonly stopping = new AbortController();
  private readonly acting = new Set<Promise<void>>();
  private orchestratorIsBusy = false;
  private failure: unknown;

  constructor(private readonly options: FaultsOptions) {}

  /** Resolves when it was stopped and every fault is over. */
  async run(): Promise<void> {
    const { random, everyMs } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(random.between(0.3, 1.7) * everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.begin(random.weighted(faultWeights), random.fork());
    }
    await Promise.all(this.acting);
    if (this.failure !== undefined) throw new Error('a fault could not be done', { cause: this.failure });
  }

  stop(): void {
    this.stopping.abort();
  }

  private begin(kind: FaultKind, random: Random): void {
    const action = this.act(kind, random)
      .catch((error: unknown) => {
        this.failure ??= error;
        this.stop();
      })
      .finally(() => this.acting.delete(action));
    this.acting.add(action);
  }

  private async act(kind: FaultKind, random: Random): Promise<void> {
    if (kind === 'cancel storm') {
      this.note(kind, 'tasks').until = Date.now();
      return this.options.load.cancelStorm();
    }
    if (kind === 'task released') {
      this.note(kind, 'tasks').until = Date.now();
      return this.options.load.release();
    }
    if (kind === 'orchestrator killed') return this.alone(() => this.killOrchestrator(random));
    if (isServerFault(kind)) return this.alone(() => this.breakServer(kind, random));
    const idle = this.options.fleet.idle();
    const hosts = spares.has(kind) ? idle : idle.filter((host) => host !== this.options.fleet.hosts[0]);
    if (hosts.length === 0) return;
    const host = random.pick(hosts);
    host.isBusy = true;
    try {
      await this.onHost(kind, host, random);
    } finally {
      host.isBusy = false;
    }
  }

  private async onHost(kind: HostFault, host: Host, random: Random): Promise<void> {
    const { leaseMs, lostAfterMs, fleet } = this.options;
    // Long enough that another worker has begun with the run.
    const longMs = () => leaseMs + lostAfterMs + random.between(1000, 4000);
    switch (kind) {
      case 'worker killed':
        return this.restart(kind, host, () => host.kill(), random.between(100, 2000));
      case 'worker drained':
        return this.restart(kind, host, () => this.drain(host), random.between(0, 1000));
      case 'worker paused':
      case 'worker told to drain': {
        const fault = this.note(kind, host.name);
        await fleet.order(host, kind === 'worker paused' ? 'pause' : 'drain');
        await delay(random.between(1000, 5000));
        await fleet.order(host, 'resume');
        fault.until = Date.now();
        return;
      }
      case 'worker gone': {
        this.note(kind, host.name);
        await host.vanish();
        await fleet.add();
        return;
      }
      case 'worker frozen shortly':
      case 'worker frozen for long': {
        const ms = kind === 'worker frozen shortly' ? random.between(0.2, 0.8) * leaseMs : longMs();
        return this.during(kind, host, ms, { begin: () => host.freeze(), end: () => host.thaw() });
      }
      case 'connection cut':
      case 'black hole':
      case 'black hole up':
      case 'black hole down': {
        const ms = random.isHit(0.3) ? longMs() : random.between(0.3, 1.5) * leaseMs;
        return this.during(kind, host, ms, { begin: () => host.disconnect(breaks[kind]), end: () => host.connect() });
      }
      case 'child killed': {
        const children = host.processes().filter(({ parent }) => parent === host.pid);
        if (children.length === 0) return;
        this.note(kind, host.name).until = Date.now();
        const { pid } = random.pick(children);
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended at this very moment.
        }
        return;
      }
    }
  }

  private async restart(kind: FaultKind, host: Host, end: () => Promise<unknown>, pauseMs: number): Promise<void> {
    const fault = this.note(kind, host.name);
    await end();
    await delay(pauseMs);
    fault.until = Date.now();
    host.start();
    await host.ready();
  }

  private async drain(host: Host): Promise<void> {
    if ((await host.drain(drainPatienceMs)) === 'killed') {
      this.broken.push(`${host.name} did not end within ${drainPatienceMs / 1000} s after SIGTERM`);
    }
  }

  private async during(kind: FaultKind, host: Host, ms: number, act: { begin(): void; end(): void }): Promise<void> {
    const fault = this.note(kind, host.name);
    act.begin();
    // Not broken off at the end of the soak: what was frozen has to wake up.
    await delay(ms);
    act.end();
    fault.until = Date.now();
  }

  private async killOrchestrator(random: Random): Promise<void> {
    const fault = this.note('orchestrator killed', 'orchestrator');
    await this.options.orchestrators.killOne(random, random.between(100, 4000));
    fault.until = Date.now();
  }

  private async breakServer(kind: ServerFaultKind, random: Random): Promise<void> {
    const { servers } = this.options;
    if (!canHappen(kind, servers)) return;
    const fault = this.note(kind, 'orchestrator');
    await breakServer(kind, servers, random);
    fault.until = Date.now();
  }

  /** One fault of the orchestrators and their servers at a time; one that comes meanwhile is left out. */
  private async alone(work: () => Promise<void>): Promise<void> {
    if (this.orchestratorIsBusy) return;
    this.orchestratorIsBusy = true;
    try {
      await work();
    } finally {
      this.orchestratorIsBusy = false;
    }
  }

  private note(kind: FaultKind, target: string): Fault {
    const fault: Fault = { kind, target, at: Date.now(), until: null };
    this.log.push(fault);
    this.options.say(`${kind}: ${target}`);
    return fault;
  }
}

/** Faults that also the first machine bears, as its worker goes on. */
const spares = new Set<FaultKind>([
  'child killed',
  'worker paused',
  'worker told to drain',
  'connection cut',
  'black hole',
  'black hole up',
  'black hole down',
]);

/** The ways in which a connection fails: seen by both ends, by none, or by one. */
const breaks = {
  'connection cut': (line: HalfOpenProxy) => line.refuse(),
  'black hole': (line: HalfOpenProxy) => line.blackHole(),
  'black hole up': (line: HalfOpenProxy) => line.blackHole('up'),
  'black hole down': (line: HalfOpenProxy) => line.blackHole('down'),
};
