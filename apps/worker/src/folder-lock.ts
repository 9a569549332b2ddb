// One worker per folder: two would end each other's processes as leftovers.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { codeOf } from './error-facts.js';
import { StartError } from './start-error.js';

const Owner = z.object({ pid: z.number().int(), start: z.string().nullable() });

/** Taking a dead lock over takes milliseconds; a guard this old was left by a process that died meanwhile. */
const guardMs = 5000;
const waitMs = 20;
const maxTries = (2 * guardMs) / waitMs;

/**
 * Takes the lock; returns how to give it back.
 *
 * @throws StartError `dir_in_use` when another live worker has it
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'worker.lock');
  const own = JSON.stringify({ pid: process.pid, start: await startOf(process.pid) });
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, own, { mode: 0o600 });
  try {
    for (let tries = 0; tries < maxTries; tries++) {
      // A link to a whole file: nobody ever reads a lock that is half written.
      if (await link(mine, path).then(() => true, isTaken)) return () => rm(path, { force: true });
      await removeIfDead(path, dir);
    }
    throw new StartError('dir_in_use', `The lock of ${dir} cannot be taken.`, `Remove ${path} and start again.`);
  } finally {
    await rm(mine, { force: true });
  }
}

/** Removes a dead lock, one process at a time: the slower of two would take away what the faster has just put there. */
async function removeIfDead(path: string, dir: string): Promise<void> {
  await refuseIfHeld(path, dir);
  const guard = `${path}.takeover`;
  if (!(await mkdir(guard, { mode: 0o700 }).then(() => true, isTaken))) {
    const made = await stat(guard).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > guardMs) await rmdir(guard).catch(() => undefined);
    else await delay(waitMs);
    return;
  }
  try {
    // Who finds nothing removes nothing: the name is free, and whoever takes it in this moment lives.
    if (await refuseIfHeld(path, dir)) await rm(path, { force: true });
  } finally {
    await rmdir(guard);
  }
}

/** Whether there is a lock at all, of a process that is dead. */
async function refuseIfHeld(path: string, dir: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const owner = Owner.safeParse(parse(text ?? '')).data;
  if (owner !== undefined && (await isAlive(owner))) {
    throw new StartError(
      'dir_in_use',
      `The folder ${dir} is used by another worker (process ${owner.pid}).`,
      'Stop that worker, or give this one a folder of its own with --dir.',
    );
  }
  return text !== null;
}

function isTaken(error: unknown): false {
  if (codeOf(error) === 'EEXIST') return false;
  throw error;
}

/** Process ids are given again; the start time tells the old owner from a stranger. */
async function isAlive(owner: z.infer<typeof Owner>): Promise<boolean> {
  if (owner.pid === process.pid) return (await startOf(owner.pid)) === owner.start;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const start = await startOf(owner.pid);
  return owner.start === null || start === null || start === owner.start;
}

/** Clock ticks since boot at which the process started; null where /proc does not tell. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
