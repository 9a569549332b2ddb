// A cgroup (version 2) per run: no process leaves it by itself, and one write ends all. Needs the right to make one: root, or
// a delegated group as systemd gives to services with Delegate=yes.
//
//   OWN GROUP/corch/INSTANCE/RUN     one folder per start of a worker, so that two workers and a quick restart stay apart
import { access, constants, mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, type Entry } from '../claude/claude-process.js';
import { behind, type Hold } from './hold.js';
import { isInstance, isLive } from './instance.js';

/** The last chance to leave nothing behind in the system; the next start would do it. */
const removeMs = 1000;
const removePauseMs = 20;

/** The mount point of the version 2 hierarchy from `/proc/self/mountinfo`; hybrid systems have it beside version 1. */
export function cgroupMount(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    if (after?.startsWith('cgroup2 ')) return before?.split(' ')[4]?.replace(/\\040/g, ' ') ?? null;
  }
  return null;
}

/** The own group from `/proc/self/cgroup`: the line `0::/path`. */
export function ownCgroup(text: string): string | null {
  return /^0::(\/.*)$/m.exec(text)?.[1] ?? null;
}

/** The folder for the groups of all workers in this worker's own group, whether it exists or not; null without version 2. */
export async function cgroupBase(): Promise<string | null> {
  const mount = cgroupMount(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  const own = ownCgroup(await readFile('/proc/self/cgroup', 'utf8').catch(() => ''));
  return mount === null || own === null ? null : join(mount, own, 'corch');
}

/** The groups of one start of a worker. */
export class InstanceCgroups {
  private constructor(
    private readonly base: string,
    readonly path: string,
    private readonly maxTasks: number | null,
  ) {}

  /**
   * Tried out, not guessed: a short program is moved into a new group, as a run would be, and asked where it is.
   *
   * @throws Error that says why no groups can be made
   */
  static async open(instance: string, maxTasks: number): Promise<InstanceCgroups> {
    const base = await cgroupBase();
    if (base === null) throw new Error('cgroup version 2 is not mounted');
    const path = join(base, instance);
    await mkdir(path, { recursive: true });
    await removeDead(base);
    const hasPids = (await handDownPids(base)) && (await handDownPids(path));
    const cgroups = new InstanceCgroups(base, path, hasPids ? maxTasks : null);
    await cgroups.tryOut().finally(() => cgroups.remove());
    return cgroups;
  }

  forRun(runId: string): RunCgroup {
    return new RunCgroup(join(this.path, runId), this.maxTasks);
  }

  /** True when the kernel counts processes and threads and refuses one too many. */
  get hasLimit(): boolean {
    return this.maxTasks !== null;
  }

  /**
   * Makes the next entry into a group quick. The kernel lets a process change its group only after a pause that all CPUs have
   * seen, unless one changed a moment ago: entering took 19 ms on an idle machine and 4 ms shortly after another (Linux 6.18,
   * 2 cores). So this process moves into the group that it is in, while a run is still being prepared.
   */
  async easeNextEntry(): Promise<void> {
    await writeFile(join(this.base, '..', 'cgroup.procs'), String(process.pid)).catch(() => undefined);
  }

  /** Removes the folder of this start. What was killed a moment ago keeps a group busy until it is reaped. */
  async remove(): Promise<void> {
    const deadline = performance.now() + removeMs;
    for (;;) {
      await removeTree(this.path);
      if (performance.now() > deadline || (await stat(this.path).catch(() => null)) === null) return;
      await sleep(removePauseMs);
    }
  }

  private async tryOut(): Promise<void> {
    const group = this.forRun('probe');
    try {
      const { wrap } = await group.prepare();
      await access(join(group.path, 'cgroup.kill'), constants.W_OK);
      const env = { PATH: '/usr/bin:/bin' };
      const cat = { path: '/bin/sh', args: ['-c', 'exec cat /proc/self/cgroup'], cwd: '/', env };
      const answer = await runProgram(wrap(cat), 5000);
      const isInside = answer.code === 0 && ownCgroup(answer.stdout)?.endsWith('/probe') === true;
      if (!isInside) throw new Error('a process could not be moved into a new group');
    } finally {
      await group.release();
    }
  }
}

/** Lets the groups inside be limited in number. False when that is not this group's to give. */
async function handDownPids(path: string): Promise<boolean> {
  return writeFile(join(path, 'cgroup.subtree_control'), '+pids').then(
    () => true,
    () => false,
  );
}

/** Empty groups of workers that died. A live worker may be about to enter its own, so those stay. */
async function removeDead(base: string): Promise<void> {
  for (const name of await foldersIn(base)) if (isInstance(name) && !isLive(name)) await removeTree(join(base, name));
}

/** The groups that starts of a worker left of a run. Another live worker may have the same run now, and its group stays. */
export async function groupsLeftOf(runId: string): Promise<RunCgroup[]> {
  const base = await cgroupBase();
  if (base === null) return [];
  const found: RunCgroup[] = [];
  for (const name of await foldersIn(base)) {
    if (!isInstance(name) || isLive(name)) continue;
    const instance = join(base, name);
    if ((await foldersIn(instance)).includes(runId)) found.push(new RunCgroup(join(instance, runId), null, instance));
  }
  return found;
}

/** The shell is `sh` with this fixed text; program and arguments are parameters and never parsed. */
const enter = 'echo $$ > "$0" 2>/dev/null; exec "$@"';

/** The group of one run. */
export class RunCgroup implements Hold {
  readonly isWhole = true;

  constructor(
    readonly path: string,
    private readonly maxTasks: number | null,
    /** The folder of a start that is over: it goes with its last group. */
    private readonly dead: string | null = null,
  ) {}

  get hasLimit(): boolean {
    return this.maxTasks !== null;
  }

  async prepare(): Promise<Entry> {
    await mkdir(this.path, { recursive: true });
    if (this.maxTasks !== null) await writeFile(join(this.path, 'pids.max'), String(this.maxTasks));
    const before = ['/bin/sh', '-c', enter, join(this.path, 'cgroup.procs')];
    return { wrap: (program) => behind(before, program), groupOf: (pid) => pid };
  }

  /** Everything inside, zombies included, also in groups that the run made itself. Empty when the group does not exist. */
  members(): Promise<number[]> {
    return membersOf(this.path);
  }

  ownIds(): ReadonlySet<number> {
    return new Set();
  }

  async refusals(): Promise<number> {
    if (this.maxTasks === null) return 0;
    const text = await readFile(join(this.path, 'pids.events'), 'utf8').catch(() => '');
    return Number(/^max (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** SIGKILL for everything inside (Linux 5.14 and newer), also for what forks at this moment. */
  async kill(): Promise<void> {
    await writeFile(join(this.path, 'cgroup.kill'), '1').catch(() => undefined);
  }

  /** Removes the empty group. A group with members stays and is swept at the next start. */
  async release(): Promise<void> {
    await removeTree(this.path);
    if (this.dead !== null) await rmdir(this.dead).catch(() => undefined);
  }
}

async function membersOf(path: string): Promise<number[]> {
  const text = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
  const inside = await Promise.all((await foldersIn(path)).map((name) => membersOf(join(path, name))));
  return [...text.split('\n').filter(Boolean).map(Number), ...inside.flat()];
}

async function removeTree(path: string): Promise<void> {
  for (const name of await foldersIn(path)) await removeTree(join(path, name));
  await rmdir(path).catch(() => undefined);
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
