import { readFileSync, readlinkSync } from 'node:fs';
import { procTable, type ProcessRow } from '../process-tree/process-table.js';

/** Whether a process lives; a zombie does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await procTable.list()).some((row) => row.pid === pid);
}

/** Live processes that carry the marker of a run. */
export async function processesOf(runId: string): Promise<ProcessRow[]> {
  return procTable.withMarker(await procTable.list(), `CORCH_RUN_ID=${runId}`);
}

/** Ids of live processes that work in a folder or below it, whatever they did to their environment and parents. */
export async function livingIn(folder: string): Promise<number[]> {
  return (await procTable.list())
    .map((row) => row.pid)
    .filter((pid) => `${linkOf(pid, 'cwd')}/`.startsWith(`${folder}/`));
}

/** The id outside of a process in `folder` that knows itself as `pid`, perhaps in a PID namespace; undefined when it is gone. */
export async function outerPid(pid: number, folder: string): Promise<number | undefined> {
  return (await livingIn(folder)).find((outer) => innerPid(outer) === pid);
}

function innerPid(pid: number): number {
  try {
    const line = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(line?.split(/\s+/).at(-1));
  } catch {
    return Number.NaN;
  }
}

function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return '';
  }
}

/** Waits for something that no event tells. */
export async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20));
}
