// A PID namespace per run (Linux, util-linux): nothing leaves it, and when its first process ends the kernel ends all others.
//
//   worker ──► unshare ──► sh, process 1: waits for the end of its input, a pipe from the worker, and collects orphans
//         └──► nsenter ──► setsid ──► the child
//
// The child is not process 1: that one ignores SIGTERM unless it asks for it, and would have to collect orphans. nsenter waits
// for the child and ends as it ended, by code or by signal. The namespace has a /proc of its own, or `ps`, `pkill` and every
// look at /proc/PID would name processes outside.
import { readFileSync } from 'node:fs';
import { runMarker } from '../claude/claude-env.js';
import { Companion, runProgram, type Entry, type Program } from '../claude/claude-process.js';
import { behind, type Hold } from './hold.js';
import { instanceMarker, newInstance } from './instance.js';
import { parseStat } from './process-table.js';
import { findTool } from './system-tool.js';

/** How a namespace is made and entered here. */
export interface NamespaceTools {
  readonly make: readonly string[];
  /** The id of process 1 follows. */
  readonly enter: readonly string[];
  readonly setsid: string;
}

/** Making a namespace took 5 ms; one that is not ready by then will never be. */
const readyMs = 10_000;

/**
 * Process 1. `wait` also collects orphans, which `read` would not do; cat ends when the worker has closed the pipe or is dead.
 * A cat that something inside ended is started again.
 */
const firstProcess = `exec 3<&0
said=
while :; do
  cat <&3 >/dev/null 2>&1 &
  [ -n "$said" ] || echo ready
  said=1
  wait "$!" && exit 0
done`;

/** nsenter begins in the namespace's root folder. Nothing here is text from outside: folder and program are parameters. */
const goTo = 'cd "$0" && unset OLDPWD && exec "$@"';

/** Ends by SIGTERM when it sees itself in its own /proc, in the folder that was asked for. */
const probe = 'read -r pid rest < /proc/self/stat && [ "$pid" = "$$" ] && [ "$(pwd)" = /proc ] && kill -TERM "$$"';

/**
 * Tried out, not guessed: a namespace is made, a program runs in it and its end is reported truly, and all ends with it.
 *
 * @throws Error that says why it cannot be had here
 */
export async function findNamespaceTools(): Promise<NamespaceTools> {
  const [setpriv, unshare, nsenter, setsid] = await Promise.all([
    findTool('setpriv'),
    findTool('unshare'),
    findTool('nsenter'),
    findTool('setsid'),
  ]);
  const asUser = process.getuid?.() !== 0;
  const tools: NamespaceTools = {
    make: [
      ...[setpriv, '--pdeathsig', 'KILL', unshare],
      ...(asUser ? ['--user', '--map-current-user'] : []),
      ...['--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave'],
    ],
    enter: [nsenter, ...(asUser ? ['--user', '--preserve-credentials'] : []), '--pid', '--mount', '--target'],
    setsid,
  };
  await tryOut(tools);
  return tools;
}

async function tryOut(tools: NamespaceTools): Promise<void> {
  const namespace = new PidNamespace('probe', newInstance(), tools);
  try {
    const { wrap } = await namespace.prepare();
    const env = { PATH: '/usr/bin:/bin' };
    const answer = await runProgram(wrap({ path: '/bin/sh', args: ['-c', probe], cwd: '/proc', env }), 5000);
    if (answer.signal !== 'SIGTERM')
      throw new Error(answer.stderr.trim() || 'a program in a namespace ended strangely');
  } finally {
    await namespace.kill();
    await namespace.release();
  }
}

/** The namespace of one run. Made anew for each child, since it ends with a sweep. */
export class PidNamespace implements Hold {
  readonly isWhole = false;
  readonly hasLimit = false;
  private holder: Companion | null = null;
  private first: number | null = null;
  private own: ReadonlySet<number> = new Set();

  constructor(
    private readonly runId: string,
    private readonly instance: string,
    private readonly tools: NamespaceTools,
  ) {}

  /** @throws Error when no namespace could be made */
  async prepare(): Promise<Entry> {
    await this.kill();
    await this.release();
    const holder = await Companion.start(this.holderProgram());
    this.holder = holder;
    const timer = setTimeout(() => holder.kill(), readyMs);
    const line = await holder.line().finally(() => clearTimeout(timer));
    const [first] = childrenOf(holder.pid);
    if (line === null || first === undefined) {
      throw new Error(`No PID namespace could be made for the run: ${holder.stderr || 'it was not ready in time'}.`);
    }
    holder.release();
    this.first = first;
    this.own = new Set([holder.pid, first, ...childrenOf(first)]);
    return { wrap: (program) => this.wrap(program, first), groupOf };
  }

  /** Process 1: all others descend from it, for it takes every orphan over. */
  members(): Promise<readonly number[]> {
    return Promise.resolve(this.first === null ? [] : [this.first]);
  }

  ownIds(): ReadonlySet<number> {
    return this.own;
  }

  refusals(): Promise<number> {
    return Promise.resolve(0);
  }

  /** With the one that made it process 1 ends, and with that one everything inside. */
  kill(): Promise<void> {
    this.holder?.kill();
    return Promise.resolve();
  }

  async release(): Promise<void> {
    await this.holder?.exited;
    this.holder = null;
    this.first = null;
    this.own = new Set();
  }

  private holderProgram(): Program {
    const env = { PATH: '/usr/bin:/bin', [runMarker]: this.runId, [instanceMarker]: this.instance };
    return behind(this.tools.make, { path: '/bin/sh', args: ['-c', firstProcess], cwd: '/', env });
  }

  private wrap(program: Program, first: number): Program {
    const { enter, setsid } = this.tools;
    return behind([...enter, String(first), '/bin/sh', '-c', goTo, program.cwd, setsid], program);
  }
}

/** The child leads a group of its own. Until it does, the one that waits for it is told. */
function groupOf(waiter: number): number {
  const [child] = childrenOf(waiter);
  return child === undefined || !isLeader(child) ? waiter : child;
}

function isLeader(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.group === pid;
  } catch {
    return false;
  }
}

/** The children of a process with one thread. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
