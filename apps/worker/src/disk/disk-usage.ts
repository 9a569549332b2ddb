// How much of the disk workspaces and mirrors take. Measured now and then by `du`; heartbeats tell what was found last.
import type { Disk } from '@corch/contract';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '@corch/contract/client';
import { z } from 'zod';
import { runProgram } from '../claude/claude-process.js';
import type { WorkerFolders } from '../context.js';
import { findTool } from '../process-tree/system-tool.js';
import { readJson, writeDurably } from '../run-folder.js';

const measureMs = 300_000;
/** A million files on a slow disk take so long; what takes longer is not worth it. */
const duMs = 120_000;

const Sizes = z.record(z.string(), z.object({ bytes: z.number(), stamp: z.number() }));
type Sizes = z.infer<typeof Sizes>;

/** Bytes that a folder takes on its disk; null when that cannot be told. */
export async function sizeOnDisk(folder: string): Promise<number | null> {
  try {
    const path = await findTool('du');
    const args = ['-sk', '--', folder];
    const { stdout } = await runProgram({ path, args, cwd: '/', env: { LC_ALL: 'C' } }, duMs);
    const kilobytes = /^(\d+)\s/.exec(stdout)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** The sizes of a worker's folders, one by one. */
export class DiskUsage {
  private sizes: Sizes = {};
  private readonly file: string;

  constructor(
    dir: string,
    private readonly folders: Pick<WorkerFolders, 'workspaces' | 'mirrors'>,
  ) {
    this.file = join(dir, 'sizes.json');
  }

  /** What an earlier process measured. */
  async load(): Promise<void> {
    this.sizes = Sizes.safeParse(await readJson(this.file)).data ?? {};
  }

  /** Sums as a heartbeat tells them; nothing before the first measure. */
  get totals(): Pick<Disk, 'workspacesBytes' | 'mirrorsBytes'> {
    if (Object.keys(this.sizes).length === 0) return {};
    const sum = (root: string) =>
      Object.entries(this.sizes).reduce(
        (total, [path, { bytes }]) => total + (path.startsWith(`${root}/`) ? bytes : 0),
        0,
      );
    return { workspacesBytes: sum(this.folders.workspaces), mirrorsBytes: sum(this.folders.mirrors) };
  }

  /** The size that was measured last. */
  of(path: string): number | null {
    return this.sizes[path]?.bytes ?? null;
  }

  /**
   * Measures what is new or may have changed, one folder after the other.
   *
   * @param inUse workspaces at work; the others only change when their record does
   */
  async measure(inUse: ReadonlySet<string>): Promise<void> {
    const sizes: Sizes = {};
    for (const root of [this.folders.workspaces, this.folders.mirrors]) {
      for (const entry of await readdir(root, { withFileTypes: true }).catch(() => [])) {
        if (!entry.isDirectory()) continue;
        const path = join(root, entry.name);
        const note = root === this.folders.mirrors ? join(path, 'mirror.json') : `${path}.json`;
        const stamp = Math.round((await stat(note).catch(() => null))?.mtimeMs ?? 0);
        const known = this.sizes[path];
        const isSame = known?.stamp === stamp && !inUse.has(path);
        const bytes = isSame ? known.bytes : await sizeOnDisk(path);
        if (bytes !== null) sizes[path] = { bytes, stamp };
      }
    }
    this.sizes = sizes;
    await writeDurably(this.file, sizes);
  }

  /** Measures again and again until `signal` is aborted. */
  async keep(inUse: () => ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.measure(inUse());
      await pause(measureMs, signal).catch(() => undefined);
    }
  }
}
