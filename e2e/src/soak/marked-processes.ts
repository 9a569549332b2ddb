import { readdirSync, readFileSync } from 'node:fs';

/** A living process that a run started. */
export interface MarkedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Ticks since the boot; tells a process from a later one with the same id. */
  readonly start: string;
  readonly runId: string;
  /** Its TMPDIR, which lies in the folder of its worker. */
  readonly tmpDir: string;
  readonly command: string;
}

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Every living process with the marker of a run in its environment and a TMPDIR below `folder` (Linux). Zombies do not count. */
export function markedProcesses(folder: string): MarkedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const environment = read(`/proc/${name}/environ`);
      if (!environment.includes('CORCH_RUN_ID=')) return [];
      const value = (key: string) => new RegExp(`(?:^|\0)${key}=([^\0]*)`).exec(environment)?.[1];
      const runId = value('CORCH_RUN_ID');
      const tmpDir = value('TMPDIR') ?? '';
      if (runId === undefined || !tmpDir.startsWith(`${folder}/`)) return [];
      // What follows the name in parentheses: state, parent …; the 20th of these is the start.
      const [state, parent, ...rest] = read(`/proc/${name}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ');
      const start = rest[17];
      if (start === undefined || state === 'Z' || state === 'X') return [];
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      return [{ pid: Number(name), parent: Number(parent), start, runId, tmpDir, command }];
    });
}
