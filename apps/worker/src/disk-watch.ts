// Keeps the worker from taking runs that its disk has no room for.
import type { Disk } from '@corch/contract';
import { pause } from '@corch/contract/client';
import { statfs } from 'node:fs/promises';
import type { Orders } from './orders.js';

/** A clone of a large repository takes longer than this, and asking costs nothing. */
const lookMs = 10_000;
/** Once low, so much more has to be free before runs are taken again, or the worker would change its mind with every file. */
const recovery = 1.1;

/** Why nothing new is taken, or null. Bytes; `minBytes` 0 switches it off. */
export function diskTrouble(dir: string, freeBytes: number, minBytes: number, isLow: boolean): string | null {
  if (minBytes === 0 || freeBytes >= (isLow ? minBytes * recovery : minBytes)) return null;
  const [free, needed] = [freeBytes, minBytes].map((bytes) => `${Math.floor(bytes / 1e6)} MB`);
  return `The disk of ${dir} is nearly full: ${free} free, ${needed} needed. Make room (\`corch worker gc\`), or change WORKER_MIN_FREE_MB.`;
}

/** The disk of a folder; null when it cannot be asked. */
export async function readDisk(dir: string): Promise<Disk | null> {
  const info = await statfs(dir).catch(() => null);
  return info && { freeBytes: info.bavail * info.bsize, totalBytes: info.blocks * info.bsize };
}

/** Looks once. A disk that cannot be asked counts as roomy: the run itself will tell. */
export async function lookAtDisk(dir: string, minBytes: number, orders: Orders): Promise<void> {
  const free = (await readDisk(dir))?.freeBytes ?? Infinity;
  orders.setTrouble(diskTrouble(dir, free, minBytes, orders.trouble !== null));
}

/** Looks again and again until `signal` is aborted. */
export async function watchDisk(dir: string, minBytes: number, orders: Orders, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(lookMs, signal).catch(() => undefined);
    if (!signal.aborted) await lookAtDisk(dir, minBytes, orders);
  }
}
