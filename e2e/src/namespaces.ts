// Machines on one machine: network namespaces with a cable between each two. Only root may make them, on Linux with iproute2.
import { execFileSync } from 'node:child_process';

/** Machines of workers, each with a cable to this one and none to another. */
export interface Network {
  /** The address of this machine, the same from everywhere. */
  readonly host: string;
  /** What a program is started with to run on the machine of this name. */
  on(machine: string): readonly string[];
  /** Pulls the cable of a worker. Nobody is told; packets just do not arrive. */
  cut(worker: string): void;
  mend(worker: string): void;
  /** Lets everything between a worker and the orchestrator take long; returns how, in words. */
  slowDown(worker: string): string;
  hurry(worker: string): void;
  /** Removes what was made. */
  remove(): void;
}

/** Why networks cannot be made here, or null when they can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  const probe = `corch-${process.pid}-probe`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'delete', probe);
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ENOENT') return 'the program ip is missing (package iproute2)';
    return `ip netns add: ${String(stderr).trim()}`;
  }
}

let made = 0;

/** Makes machines of these names. What it makes carries the id of this process. */
export function makeNetwork(machines: readonly string[]): Network {
  const prefix = `corch-${process.pid}-${++made}`;
  const spaces = new Map<string, string>();
  const ends = new Map<string, string>();
  const cable = (n: number) => `ct${process.pid % 1_000_000}-${made}-${n}`;
  const block = `10.${200 + (made % 50)}.${process.pid % 256}`;
  const host = `${block}.1`;
  const lobby = cable(0);
  const remove = () => {
    // Their ends of the cables go with them, and each end takes the other along.
    for (const space of spaces.values()) ip('netns', 'delete', space);
    spaces.clear();
    ip('link', 'delete', lobby);
  };
  // The address must not go away with a cable that is pulled, so it lies on one that nobody touches.
  ip('link', 'add', lobby, 'type', 'veth', 'peer', 'name', `${lobby}p`);
  try {
    all(['addr', 'add', `${host}/30`, 'dev', lobby], ['link', 'set', lobby, 'up'], ['link', 'set', `${lobby}p`, 'up']);
    for (const [index, machine] of machines.entries()) {
      const [space, end] = [`${prefix}-${machine}`, cable(index + 1)];
      const [near, far] = [1, 2].map((n) => `${block}.${4 * (index + 1) + n}`);
      ip('netns', 'add', space);
      spaces.set(machine, space);
      ends.set(machine, end);
      all(
        ['link', 'add', end, 'type', 'veth', 'peer', 'name', 'up0', 'netns', space],
        ['addr', 'add', `${near}/30`, 'dev', end],
        ['link', 'set', end, 'up'],
        ['-n', space, 'link', 'set', 'lo', 'up'],
        ['-n', space, 'addr', 'add', `${far}/30`, 'dev', 'up0'],
        ['-n', space, 'link', 'set', 'up0', 'up'],
        ['-n', space, 'route', 'add', 'default', 'via', near ?? ''],
      );
    }
  } catch (error) {
    remove();
    throw error;
  }
  const of = (known: Map<string, string>, machine: string) => {
    const found = known.get(machine);
    if (found === undefined) throw new Error(`there is no machine ${machine}`);
    return found;
  };
  const link = (worker: string, state: string) => ip('link', 'set', of(ends, worker), state);
  /** A queue at either end of a worker's cable. */
  const queue = (worker: string, what: string, ...how: string[]) => {
    const rule = (device: string) => ['qdisc', what, 'dev', device, 'root', ...how];
    tc(...rule(of(ends, worker)));
    tc('-n', of(spaces, worker), ...rule('up0'));
  };
  return {
    host,
    on: (machine) => ['ip', 'netns', 'exec', of(spaces, machine)],
    cut: (worker) => link(worker, 'down'),
    mend: (worker) => link(worker, 'up'),
    slowDown: (worker) => {
      try {
        queue(worker, 'add', 'netem', 'delay', '400ms', '100ms');
        return 'each packet is 0.4 s late';
      } catch {
        // This kernel has no netem: a line so thin that packets wait for each other.
        queue(worker, 'add', 'tbf', 'rate', '64kbit', 'burst', '1600', 'latency', '20s');
        return 'the line carries 8 kB/s (this kernel has no netem)';
      }
    },
    hurry: (worker) => queue(worker, 'delete'),
    remove,
  };
}

function all(...commands: string[][]): void {
  for (const command of commands) ip(...command);
}

function tc(...args: string[]): void {
  execFileSync('tc', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
