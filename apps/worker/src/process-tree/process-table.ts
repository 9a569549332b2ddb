// What runs on this machine, from /proc (Linux) or `ps` (elsewhere). Only processes of this user matter.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { runProgram } from '../claude/claude-process.js';

/** One process. `start` tells two with the same id apart: clock ticks since boot, or the time as text. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly start: string;
}

/** A process with a marker, and the value of another variable. */
export interface Marked {
  readonly row: ProcessRow;
  readonly value: string | undefined;
}

/** Where processes are read from. */
export interface ProcessTable {
  /** Every live process that this user can end; zombies do not count. */
  list(): Promise<ProcessRow[]>;
  /** Those of `rows` whose environment has `marker` (`NAME=value`), as far as environments can be read. */
  withMarker(rows: readonly ProcessRow[], marker: string): Promise<ProcessRow[]>;
  /**
   * As `withMarker`, by what the variable `name` is there; undefined without it. Both are of one look: a process that
   * becomes another program has no environment for a moment, so a second look may find less than the first.
   */
  withMarkerAnd(rows: readonly ProcessRow[], marker: string, name: string): Promise<Marked[]>;
}

/** So many processes are read before others get their turn; one takes about 30 µs. */
const readAtOnce = 200;

/**
 * Linux. Read without the thread pool: files of /proc never wait for a disk, and a hundred hops to threads cost more than
 * reading them (seen: 60 ms against 5 ms on a busy machine).
 */
export const procTable: ProcessTable = {
  async list() {
    const uid = process.getuid?.() ?? 0;
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return collect(names, (name) => {
      // Root ends what changed its user too.
      if (uid !== 0 && statSync(`/proc/${name}`).uid !== uid) return null;
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      return parseStat(text) ?? (hasThreads(name) ? parseStat(text, true) : null);
    });
  },
  async withMarker(rows, marker) {
    const wanted = Buffer.from(`${marker}\0`);
    return collect(rows, (row) => {
      const bytes = readFileSync(`/proc/${row.pid}/environ`);
      const at = bytes.indexOf(wanted);
      return at === 0 || (at > 0 && bytes[at - 1] === 0) ? row : null;
    });
  },
  async withMarkerAnd(rows, marker, name) {
    const marked: Marked[] = [];
    await collect(rows, (row) => {
      const words = readFileSync(`/proc/${row.pid}/environ`, 'latin1').split('\0');
      if (words.includes(marker)) marked.push({ row, value: valueOf(words, name) });
      return null;
    });
    return marked;
  },
};

function valueOf(words: readonly string[], name: string): string | undefined {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** What `read` finds; a process that ended meanwhile, or may not be read, is left out. */
async function collect<T>(items: readonly T[], read: (item: T) => ProcessRow | null): Promise<ProcessRow[]> {
  const found: ProcessRow[] = [];
  for (const [index, item] of items.entries()) {
    if (index % readAtOnce === readAtOnce - 1) await new Promise((resolve) => setImmediate(resolve));
    try {
      const row = read(item);
      if (row !== null) found.push(row);
    } catch {
      continue;
    }
  }
  return found;
}

/** `4711 (a (strange) name) S 1 4711 4711 …`: the name may hold anything, so fields count from its last bracket. */
export function parseStat(text: string, takesZombies = false): ProcessRow | null {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const start = fields[19];
  if (start === undefined || (!takesZombies && (state === 'Z' || state === 'X'))) return null;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), start };
}

/** A zombie with threads that still end holds its files, and with them ports, for some milliseconds more. */
function hasThreads(pid: string): boolean {
  return readdirSync(`/proc/${pid}/task`).length > 1;
}

/** macOS and others. macOS hides the environment of its own system programs, so there kinship tells more. */
export const psTable: ProcessTable = {
  async list() {
    const uid = String(process.getuid?.() ?? 0);
    const lines = await runPs(['-x', '-o', 'pid=,ppid=,pgid=,sess=,stat=,lstart=', '-U', uid]);
    return lines.flatMap((line) => parsePs(line) ?? []);
  },
  async withMarker(rows, marker) {
    const marked = (await runPs(psWithEnvironment)).filter((line) => line.split(' ').includes(marker));
    const pids = new Set(marked.map((line) => Number.parseInt(line, 10)));
    return rows.filter((row) => pids.has(row.pid));
  },
  async withMarkerAnd(rows, marker, name) {
    const lines = new Map((await runPs(psWithEnvironment)).map((line) => [Number.parseInt(line, 10), line]));
    return rows.flatMap((row) => {
      const words = lines.get(row.pid)?.split(' ') ?? [];
      return words.includes(marker) ? [{ row, value: valueOf(words, name) }] : [];
    });
  },
};

/** The option that shows environments has another name in each family. */
const environmentOption = process.platform === 'darwin' ? '-axEww' : 'axeww';
const psWithEnvironment = [environmentOption, '-o', 'pid=,command='];
/** For the keeper: all that it has to know in one call. */
export const psForKeeper = [environmentOption, '-o', 'pid=,ppid=,pgid=,sess=,stat=,command='];

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
