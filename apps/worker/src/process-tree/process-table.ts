// What runs on this machine, from /proc (Linux) or `ps` (elsewhere). Only processes of this user matter.
import { readdir, readFile, stat } from 'node:fs/promises';
import { runProgram } from '../claude/claude-process.js';

/** One process. `start` tells two with the same id apart: clock ticks since boot, or the time as text. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly start: string;
}

/** Where processes are read from. */
export interface ProcessTable {
  /** Every live process of this user; zombies do not count. */
  list(): Promise<ProcessRow[]>;
  /** Those of `rows` whose environment has `marker` (`NAME=value`), as far as environments can be read. */
  withMarker(rows: readonly ProcessRow[], marker: string): Promise<ProcessRow[]>;
}

/** Linux. */
export const procTable: ProcessTable = {
  async list() {
    const uid = process.getuid?.() ?? 0;
    const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const rows = await Promise.all(
      names.map(async (name) => {
        try {
          const [owner, text] = await Promise.all([stat(`/proc/${name}`), readFile(`/proc/${name}/stat`, 'utf8')]);
          return owner.uid === uid ? parseStat(text) : null;
        } catch {
          return null; // It ended meanwhile.
        }
      }),
    );
    return rows.filter((row) => row !== null);
  },
  async withMarker(rows, marker) {
    const wanted = Buffer.from(`${marker}\0`);
    const found = await Promise.all(
      rows.map(async (row) => {
        const bytes = await readFile(`/proc/${row.pid}/environ`).catch(() => Buffer.alloc(0));
        const at = bytes.indexOf(wanted);
        return at === 0 || (at > 0 && bytes[at - 1] === 0);
      }),
    );
    return rows.filter((_, index) => found[index]);
  },
};

/** `4711 (a (strange) name) S 1 4711 4711 …`: the name may hold anything, so fields count from its last bracket. */
export function parseStat(text: string): ProcessRow | null {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const start = fields[19];
  if (start === undefined || state === 'Z' || state === 'X') return null;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), start };
}

/** macOS and others. macOS hides the environment of its own system programs, so there kinship tells more. */
export const psTable: ProcessTable = {
  async list() {
    const uid = String(process.getuid?.() ?? 0);
    const lines = await runPs(['-x', '-o', 'pid=,ppid=,pgid=,sess=,stat=,lstart=', '-U', uid]);
    return lines.flatMap((line) => parsePs(line) ?? []);
  },
  async withMarker(rows, marker) {
    // The option that shows environments has another name in each family.
    const lines = await runPs([process.platform === 'darwin' ? '-xEww' : 'xeww', '-o', 'pid=,command=']);
    const marked = lines.filter((line) => line.split(' ').includes(marker));
    const pids = new Set(marked.map((line) => Number.parseInt(line, 10)));
    return rows.filter((row) => pids.has(row.pid));
  },
};

async function runPs(args: string[]): Promise<string[]> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  return (await runProgram({ path: '/bin/ps', args, cwd: '/', env }, 5000)).stdout.split('\n');
}

/** A line of `ps -o pid=,ppid=,pgid=,sess=,stat=,lstart=`. macOS prints no session number; the group stands in. */
export function parsePs(line: string): ProcessRow | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (match === null || match[5]?.startsWith('Z')) return null;
  const [, pid, parent, group, session, , start] = match;
  const known = Number(session);
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: known > 0 ? known : Number(group),
    start: start ?? '',
  };
}
