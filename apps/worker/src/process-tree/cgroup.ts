// A cgroup (version 2) per run: no process can leave it, and one write ends all. Needs the right to make one: root, or a
// delegated group as systemd gives to services with Delegate=yes.
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../claude/claude-process.js';

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

/** The folder in which run groups can be made; null when there is none. Tried out, not guessed. */
export async function findCgroupRoot(): Promise<string | null> {
  try {
    const mount = cgroupMount(await readFile('/proc/self/mountinfo', 'utf8'));
    const own = ownCgroup(await readFile('/proc/self/cgroup', 'utf8'));
    if (mount === null || own === null) return null;
    const root = join(mount, own, 'corch');
    await mkdir(root, { recursive: true });
    return (await canEnter(root)) ? root : null;
  } catch {
    return null;
  }
}

/** Moves a short program into a new group, as a run would, and asks it where it is. */
async function canEnter(root: string): Promise<boolean> {
  const group = new RunCgroup(join(root, `probe-${process.pid}`));
  try {
    await group.create();
    await access(join(group.path, 'cgroup.kill'), constants.W_OK);
    const answer = await runProgram(
      {
        path: '/bin/sh',
        args: ['-c', 'echo $$ > "$0" && exec cat /proc/self/cgroup', group.procs],
        cwd: '/',
        env: { PATH: '/usr/bin:/bin' },
      },
      5000,
    );
    return answer.code === 0 && ownCgroup(answer.stdout)?.endsWith(`/probe-${process.pid}`) === true;
  } catch {
    return false;
  } finally {
    await group.remove();
  }
}

/**
 * Makes the next entry into a group quick. The kernel lets a process change its group only after a pause that all CPUs have
 * seen, unless one changed a moment ago: entering took 19 ms on an idle machine and 4 ms shortly after another (Linux 6.18,
 * 2 cores). So this process moves into the group that it is in, while a run is still being prepared.
 */
export async function easeNextEntry(root: string): Promise<void> {
  await writeFile(join(root, '..', 'cgroup.procs'), String(process.pid)).catch(() => undefined);
}

/** The group of one run. */
export class RunCgroup {
  constructor(readonly path: string) {}

  get procs(): string {
    return join(this.path, 'cgroup.procs');
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true });
  }

  /** Ids of the processes inside, zombies included; empty when the group does not exist. */
  async members(): Promise<number[]> {
    const text = await readFile(this.procs, 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map(Number);
  }

  /** SIGKILL for everything inside (Linux 5.14 and newer), also for what forks at this moment. */
  async kill(): Promise<void> {
    await writeFile(join(this.path, 'cgroup.kill'), '1').catch(() => undefined);
  }

  /** Removes the empty group. A group with members stays and is swept at the next start. */
  async remove(): Promise<void> {
    await rmdir(this.path).catch(() => undefined);
  }
}
