// Everything that one run started: followed while it works, counted, and ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { runMarker } from '../claude/claude-env.js';
import type { Entry, Program } from '../claude/claude-process.js';
import { findKin, identity } from './find-kin.js';
import type { Hold } from './hold.js';
import { instanceMarker, isLive } from './instance.js';
import type { ProcessRow, ProcessTable } from './process-table.js';

/** While a run works its processes are noted, or counted, so often. */
const followMs = 1000;
/** A killed process is gone within milliseconds; one in uninterruptible sleep may take longer. */
const sweepMs = 5000;
const sweepPauseMs = 20;

/** What a sweep did. */
export interface SweepReport {
  /** Processes that were still there. */
  readonly ended: number;
  /** Ids of processes that would not go. */
  readonly left: readonly number[];
  /** Set when the run wanted more processes than it may have. */
  readonly limit?: ReachedLimit;
}

/** The run was ended because it had too many processes, or the kernel refused it further ones. */
export interface ReachedLimit {
  readonly max: number;
  readonly was: 'ended' | 'refused';
}

/** What every run of this start of the worker shares. */
export interface RunHolding {
  readonly instance: string;
  readonly table: ProcessTable;
  readonly maxProcesses: number;
  /** Called before a child starts. */
  readonly guard: () => Promise<void>;
  /** What earlier starts of a worker may still hold of this run. */
  readonly earlier: () => Promise<readonly Hold[]>;
}

export class RunProcesses {
  private readonly seen = new Map<string, ProcessRow>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private rootPid: number | null = null;
  private isLooking = false;
  private limit: ReachedLimit | undefined;
  /** What an earlier start left is looked for once, and not when a child was started here. */
  private earlier: readonly Hold[] | null = null;
  /** Nothing was started since the last sweep that found nothing. A new object knows nothing of the past. */
  private isClean = false;

  constructor(
    private readonly runId: string,
    private readonly hold: Hold,
    private readonly holding: RunHolding,
  ) {}

  /**
   * Makes ready for a child.
   *
   * @throws Error when what would hold it cannot be made
   */
  async prepare(): Promise<Entry> {
    this.isClean = false;
    this.limit = undefined;
    await this.holding.guard();
    const { wrap, groupOf } = await this.hold.prepare();
    return { wrap: (program) => wrap(this.mark(program)), groupOf };
  }

  /**
   * Notes the child and follows what it starts.
   *
   * @param onTooMany called once, when more processes live than a run may have
   */
  follow(pid: number, onTooMany: () => void = () => undefined): void {
    this.rootPid = pid;
    if (this.hold.hasLimit) return;
    this.timer = setInterval(() => void this.count(onTooMany).catch(() => undefined), followMs);
    this.timer.unref();
  }

  /** Notes what lives now: once the child is told to go, those that it alone was the link to could not be found any more. */
  async note(): Promise<void> {
    if (!this.hold.isWhole) await this.look([this.hold]).catch(() => undefined);
  }

  /** Ends everything and returns when nothing is left, at most after some seconds. */
  async sweep(): Promise<SweepReport> {
    clearInterval(this.timer);
    if (this.isClean) return { ended: 0, left: [] };
    this.earlier ??= this.rootPid === null ? await this.holding.earlier() : [];
    const { maxProcesses: max } = this.holding;
    if ((await this.hold.refusals()) > 0) this.limit ??= { max, was: 'refused' };
    const { ended, left } = await this.endAll([this.hold, ...this.earlier]);
    this.isClean = left.length === 0;
    return { ended, left, limit: this.limit };
  }

  /** Stops what it finds until nothing new appears, so that nothing forks away between a look and its end. */
  private async endAll(holds: readonly Hold[]): Promise<SweepReport> {
    const known = new Set<string>();
    const deadline = performance.now() + sweepMs;
    for (;;) {
      const live = await this.look(holds);
      for (const hold of holds) await hold.kill();
      const fresh = live.filter((row) => !known.has(identity(row)));
      for (const row of fresh) known.add(identity(row));
      const isLate = performance.now() > deadline;
      if (fresh.length > 0 && !isLate) {
        signalAll(fresh, 'SIGSTOP');
        continue;
      }
      signalAll(live, 'SIGKILL');
      if (live.length === 0 || isLate) {
        for (const hold of holds) await hold.release();
        return { ended: known.size, left: live.map((row) => row.pid) };
      }
      await sleep(sweepPauseMs);
    }
  }

  private async count(onTooMany: () => void): Promise<void> {
    if (this.isLooking || this.limit !== undefined) return;
    this.isLooking = true;
    try {
      const { maxProcesses: max } = this.holding;
      const live = this.hold.isWhole ? await this.hold.members() : await this.look([this.hold]);
      if (live.length <= max) return;
      this.limit = { max, was: 'ended' };
      onTooMany();
    } finally {
      this.isLooking = false;
    }
  }

  /** The live processes of the run now. */
  private async look(holds: readonly Hold[]): Promise<ProcessRow[]> {
    const { table } = this.holding;
    const inside = new Set((await Promise.all(holds.map((hold) => hold.members()))).flat());
    const own = this.hold.ownIds();
    const rows = await table.list();
    const marked = await this.marked(rows);
    const roots = rows.filter((row) => inside.has(row.pid) || this.seen.has(identity(row)) || this.isFirstChild(row));
    const kin = findKin(rows, [...new Set([...marked, ...roots])], new Set([process.pid]));
    const ours = kin.filter((row) => !own.has(row.pid));
    this.remember(ours);
    return ours;
  }

  /** Another live worker of this machine may have the same run by now, in a later epoch; its processes are none of ours. */
  private async marked(rows: readonly ProcessRow[]): Promise<ProcessRow[]> {
    const { table, instance: own } = this.holding;
    const marked = await table.withMarkerAnd(rows, `${runMarker}=${this.runId}`, instanceMarker);
    return marked.filter(({ value = own }) => value === own || !isLive(value)).map(({ row }) => row);
  }

  /** The child itself, until it was seen once: a later process may get its id. */
  private isFirstChild(row: ProcessRow): boolean {
    return row.pid === this.rootPid && row.parent === process.pid;
  }

  /** Only who lives now is kept: the number of a session that ended may be given to a stranger. */
  private remember(kin: readonly ProcessRow[]): void {
    this.seen.clear();
    for (const row of kin) this.seen.set(identity(row), row);
  }

  private mark(program: Program): Program {
    return { ...program, env: { ...program.env, [instanceMarker]: this.holding.instance } };
  }
}

function signalAll(rows: readonly ProcessRow[], signal: 'SIGSTOP' | 'SIGKILL'): void {
  for (const { pid } of rows) {
    try {
      process.kill(pid, signal);
    } catch {
      // It went by itself.
    }
  }
}
