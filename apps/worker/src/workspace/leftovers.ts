// git processes that outlived the worker that started them on a mirror.
import { setTimeout as delay } from 'node:timers/promises';
import { procTable, psTable } from '../process-tree/process-table.js';

/** The variable that every git process on a mirror carries; its value is the mirror's folder. */
export const mirrorMarker = 'CORCH_MIRROR';

const table = process.platform === 'linux' ? procTable : psTable;
const lookMs = 50;
const maxLooks = 100;

/** Ends them, and waits until they are gone. Whoever calls has the lock of the mirror and none of its own at work. */
export async function endLeftovers(folder: string): Promise<void> {
  for (let looks = 0; looks < maxLooks; looks++) {
    const left = await table.withMarker(await table.list(), `${mirrorMarker}=${folder}`);
    const others = left.filter(({ pid }) => pid !== process.pid);
    if (others.length === 0) return;
    for (const { pid } of others) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await delay(lookMs);
  }
}
