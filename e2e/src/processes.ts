import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly command: string;
}

/** The living processes whose command line or environment contains `text` (Linux). Zombies do not count. */
export function processesWith(text: string): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const read = (file: string) => {
        try {
          return readFileSync(`/proc/${name}/${file}`, 'utf8');
        } catch {
          return '';
        }
      };
      const command = read('cmdline');
      const isZombie = /^State:\s+Z/m.test(read('status'));
      const matches = command.includes(text) || read('environ').includes(text);
      return matches && !isZombie && command !== ''
        ? [{ pid: Number(name), command: command.replaceAll('\0', ' ') }]
        : [];
    });
}

/** Whether a process lives (Linux). A zombie, which only waits for its parent to ask how it ended, does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
