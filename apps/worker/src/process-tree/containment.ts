// Holds together what a run starts, and ends all of it. Three ways, best first:
//   cgroup  everything is inside and can be ended at once; needs rights
//   scan    /proc: the run's marker in the environment, descendants, their sessions and groups
//   ps      the same from `ps`, which on macOS does not show every environment
// A scan follows the second and third while the run works, so that a process which drops its marker and its parents is
// still known by its session. What does both between two looks gets away; only a cgroup holds it.
import { platform } from 'node:process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMarker } from '../claude/claude-env.js';
import { easeNextEntry, findCgroupRoot, RunCgroup } from './cgroup.js';
import { findKin, identity } from './find-kin.js';
import { procTable, psTable, type ProcessRow, type ProcessTable } from './process-table.js';

export type ContainmentMode = 'cgroup' | 'scan' | 'ps';

/** While a run works without a cgroup, its processes are noted so often. */
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
}

/** How this machine contains runs. */
export class Containment {
  private constructor(
    readonly mode: ContainmentMode,
    private readonly cgroupRoot: string | null,
    private readonly table: ProcessTable,
  ) {}

  /** Finds the best way, or takes the one that is asked for (`auto` otherwise). */
  static async open(wanted: 'auto' | ContainmentMode): Promise<Containment> {
    const isLinux = platform === 'linux';
    const root = isLinux && (wanted === 'auto' || wanted === 'cgroup') ? await findCgroupRoot() : null;
    if (root !== null) return new Containment('cgroup', root, procTable);
    return isLinux && wanted !== 'ps' ? new Containment('scan', null, procTable) : new Containment('ps', null, psTable);
  }

  /** Tells that a run will soon start a child. */
  expectChild(): void {
    if (this.cgroupRoot !== null) void easeNextEntry(this.cgroupRoot);
  }

  /** The processes of a run. Can be made anew after a restart: everything but what only `follow` saw is found again. */
  forRun(runId: string): RunProcesses {
    const group = this.cgroupRoot === null ? null : new RunCgroup(join(this.cgroupRoot, runId));
    return new RunProcesses(runId, group, this.table);
  }
}

/** Everything that one run started. */
export class RunProcesses {
  private readonly seen = new Map<string, ProcessRow>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private rootPid: number | null = null;
  /** Nothing was started since the last sweep that found nothing. A new object knows nothing of the past. */
  private isClean = false;

  constructor(
    private readonly runId: string,
    private readonly group: RunCgroup | null,
    private readonly table: ProcessTable,
  ) {}

  /** Makes ready for a child; returns the file it enters the group by, or null without cgroups. */
  async prepare(): Promise<string | null> {
    this.isClean = false;
    if (this.group === null) return null;
    await this.group.create();
    return this.group.procs;
  }

  /** Notes the child and, without a cgroup, follows what it starts. */
  follow(pid: number): void {
    this.rootPid = pid;
    if (this.group !== null) return;
    this.timer = setInterval(() => void this.look().catch(() => undefined), followMs);
    this.timer.unref();
  }

  /** Ends everything and returns when nothing is left, at most after some seconds. */
  async sweep(): Promise<SweepReport> {
    clearInterval(this.timer);
    if (this.isClean) return { ended: 0, left: [] };
    const ended = new Set<string>();
    const deadline = performance.now() + sweepMs;
    for (;;) {
      const live = await this.look(new Set(await this.group?.members()));
      await this.group?.kill();
      for (const row of live) {
        ended.add(identity(row));
        try {
          process.kill(row.pid, 'SIGKILL');
        } catch {
          // It went by itself.
        }
      }
      if (live.length === 0 || performance.now() > deadline) {
        await this.group?.remove();
        this.isClean = live.length === 0;
        return { ended: ended.size, left: live.map((row) => row.pid) };
      }
      await sleep(sweepPauseMs);
    }
  }

  /** The live processes of the run now. */
  private async look(members: ReadonlySet<number> = new Set()): Promise<ProcessRow[]> {
    const rows = await this.table.list();
    const marked = await this.table.withMarker(rows, `${runMarker}=${this.runId}`);
    const roots = rows.filter((row) => members.has(row.pid) || this.seen.has(identity(row)) || this.isFirstChild(row));
    const kin = findKin(rows, [...new Set([...marked, ...roots])], new Set([process.pid]));
    this.remember(kin);
    return kin;
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
}
