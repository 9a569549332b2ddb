// Holds together what a run starts, and ends all of it. The ways, best first; each is tried out before it is taken:
//   cgroup     everything is inside and is ended at once; needs rights
//   pidns      everything is in a PID namespace that ends with the worker; needs rights or user namespaces
//   pdeathsig  the kernel ends the child with the worker; the rest as for a scan
//   scan       /proc: the run's marker in the environment, descendants, their sessions
//   ps         the same from `ps`, which on macOS does not show every environment
// A scan follows the last three while the run works, so that a process which drops its marker and its parents is still known
// by its session. What does both between two looks gets away; only the first two hold it.
import { platform } from 'node:process';
import { messageOf } from '../error-facts.js';
import { StartError } from '../start-error.js';
import { groupsLeftOf, InstanceCgroups } from './cgroup.js';
import { containmentModes, defaultMaxProcesses, type ContainmentMode } from './containment-mode.js';
import { findDeathSignal } from './death-signal.js';
import { LooseHold, type Hold } from './hold.js';
import { newInstance } from './instance.js';
import { Keeper } from './keeper.js';
import { findNamespaceTools, PidNamespace } from './pid-namespace.js';
import { procTable, psForKeeper, psTable, type ProcessTable } from './process-table.js';
import { RunProcesses, type RunHolding } from './run-processes.js';

export type { ReachedLimit, RunProcesses, SweepReport } from './run-processes.js';

/** A way that works here. */
interface Way {
  readonly mode: ContainmentMode;
  readonly table: ProcessTable;
  readonly cgroups: InstanceCgroups | null;
  holdOf(runId: string): Hold;
}

/** A way that cannot be had here, and why. */
export interface MissingWay {
  readonly mode: ContainmentMode;
  readonly problem: string;
}

/** How this machine contains runs, for one start of a worker. */
export class Containment {
  private keeper: Keeper | null = null;
  private starting: Promise<void> | null = null;
  private isClosed = false;
  private readonly holding: Omit<RunHolding, 'earlier'>;

  private constructor(
    private readonly way: Way,
    /** The better ways that were tried in vain. */
    readonly missing: readonly MissingWay[],
    private readonly instance: string,
    maxProcesses: number,
  ) {
    const { table } = way;
    this.holding = { instance, table, maxProcesses, guard: () => this.guard() };
  }

  /**
   * Finds the best way that works, or takes the one that is asked for.
   *
   * @throws StartError when that one does not work here
   */
  static async open(wanted: 'auto' | ContainmentMode, maxProcesses = defaultMaxProcesses): Promise<Containment> {
    const instance = newInstance();
    const missing: MissingWay[] = [];
    for (const mode of wanted === 'auto' ? containmentModes : [wanted]) {
      try {
        return new Containment(await tryWay(mode, instance, maxProcesses), missing, instance, maxProcesses);
      } catch (error) {
        missing.push({ mode, problem: messageOf(error) });
      }
    }
    const problems = missing.map(({ mode, problem }) => `${mode}: ${problem}`).join('; ');
    const message = `The processes of runs cannot be held together in the way that is asked for (${problems}).`;
    throw new StartError('bad_config', message, 'Set WORKER_CONTAINMENT to auto, or to another way.');
  }

  get mode(): ContainmentMode {
    return this.way.mode;
  }

  /** True when the kernel refuses processes and threads beyond the limit; otherwise processes are counted. */
  get hasLimit(): boolean {
    return this.way.cgroups?.hasLimit ?? false;
  }

  /** Tells that a run will soon start a child. */
  expectChild(): void {
    void this.way.cgroups?.easeNextEntry();
  }

  /** The processes of a run. Can be made anew after a restart: everything but what only `follow` saw is found again. */
  forRun(runId: string): RunProcesses {
    const earlier = () => groupsLeftOf(runId);
    return new RunProcesses(runId, this.way.holdOf(runId), { ...this.holding, earlier });
  }

  /** Starts the keeper, which ends everything when this process dies. A PID namespace needs none: the kernel does it. */
  async guard(): Promise<void> {
    if (this.mode === 'pidns' || this.isClosed || this.keeper?.isRunning === true) return;
    this.starting ??= this.startKeeper().finally(() => {
      this.starting = null;
    });
    await this.starting;
  }

  /** Every run was swept: nothing is left to guard. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.keeper?.sayGoodbye();
    await this.way.cgroups?.remove();
  }

  private async startKeeper(): Promise<void> {
    const { cgroups, table } = this.way;
    const psArguments = table === psTable ? psForKeeper : [];
    this.keeper = await Keeper.start({ instance: this.instance, cgroups: cgroups?.path ?? null, psArguments });
  }
}

/** Tries a way out. @throws Error that says why it does not work here */
async function tryWay(mode: ContainmentMode, instance: string, maxProcesses: number): Promise<Way> {
  if (mode !== 'ps' && platform !== 'linux') throw new Error('it needs Linux');
  const loose = { mode, table: procTable, cgroups: null };
  switch (mode) {
    case 'cgroup': {
      const cgroups = await InstanceCgroups.open(instance, maxProcesses);
      return { mode, table: procTable, cgroups, holdOf: (runId) => cgroups.forRun(runId) };
    }
    case 'pidns': {
      const tools = await findNamespaceTools();
      return { ...loose, holdOf: (runId) => new PidNamespace(runId, instance, tools) };
    }
    case 'pdeathsig': {
      const words = await findDeathSignal();
      return { ...loose, holdOf: () => new LooseHold(words) };
    }
    case 'scan':
    case 'ps': {
      const table = mode === 'ps' ? psTable : procTable;
      if ((await table.list()).length === 0) throw new Error('no process can be seen');
      return { ...loose, table, holdOf: () => new LooseHold() };
    }
  }
}
