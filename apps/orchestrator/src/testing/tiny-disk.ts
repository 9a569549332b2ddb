// A file system of a few megabytes, for tests of a disk that is full. Only root may mount one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TinyDisk {
  readonly path: string;
  unmount(): void;
}

/** Null where it cannot be mounted: not root, not Linux, or a container that may not. */
export function mountTinyDisk(megabytes: number): TinyDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const path = mkdtempSync(join(tmpdir(), 'corch-tiny-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    remove();
    return null;
  }
  return {
    path,
    unmount: () => {
      // Lazily: the driver lets its files go when its statements are collected.
      execFileSync('umount', ['-l', path], { stdio: 'ignore' });
      remove();
    },
  };
}
