import { procTable, type ProcessRow } from '../process-tree/process-table.js';

/** Whether a process lives; a zombie does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await procTable.list()).some((row) => row.pid === pid);
}

/** Live processes that carry the marker of a run. */
export async function processesOf(runId: string): Promise<ProcessRow[]> {
  return procTable.withMarker(await procTable.list(), `CORCH_RUN_ID=${runId}`);
}

/** Waits for something that no event tells. */
export async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20));
}
