// The data folder belongs to one orchestrator at a time; a lock file says to which.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { StartError } from './start-error.js';

const Lock = z.object({ pid: z.number().int().positive(), startedAt: z.string() });
type Lock = z.infer<typeof Lock>;

export interface DataFolder {
  /** Gives the lock back. */
  release(): Promise<void>;
}

/**
 * Makes the folder (0700) when it is missing, proves that it can be written and takes the lock.
 * @throws StartError `data_not_writable` or `data_in_use`.
 */
export async function openDataFolder(dir: string): Promise<DataFolder> {
  try {
    await makeFolder(dir);
    return await takeLock(join(dir, 'orchestrator.lock'));
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      'data_not_writable',
      `The data folder ${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      'Give it to the user that starts the orchestrator, or choose another folder with DATA_DIR (`--data DIR`).',
      { cause: error },
    );
  }
}

/** Node's own `recursive` never returns below folders such as /proc, where a parent exists and nothing can be made. */
async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
    const parent = dirname(dir);
    if (code !== 'ENOENT' || parent === dir || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await mkdir(dir, { mode: 0o700 });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** Taking a dead lock over takes milliseconds; a guard this old was left by a process that died meanwhile. */
const guardMs = 5_000;
const waitMs = 20;
const maxAttempts = (2 * guardMs) / waitMs;

async function takeLock(file: string): Promise<DataFolder> {
  const mine: Lock = { pid: process.pid, startedAt: await startOf(process.pid) };
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    // A hard link appears at once and whole, or not at all when the name is taken.
    for (let attempt = 1; ; attempt++) {
      try {
        await link(draft, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === maxAttempts) throw error;
        await removeIfStale(file);
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => releaseLock(file, mine) };
}

/** Removes a dead lock, one process at a time: the slower of two would take away what the faster has just put there. */
async function removeIfStale(file: string): Promise<void> {
  await refuseIfHeld(file);
  const guard = `${file}.takeover`;
  if (!(await makeGuard(guard))) {
    await delay(waitMs);
    return;
  }
  try {
    // Who finds nothing removes nothing: the name is free, and whoever takes it in this moment lives.
    if (await refuseIfHeld(file)) await rm(file, { force: true });
  } finally {
    await rmdir(guard);
  }
}

/** Whether there is a lock at all, of a process that is dead. */
async function refuseIfHeld(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const held = text === null ? null : parseLock(text);
  if (held !== null && (await isAlive(held))) throw inUse(file, held);
  return text !== null;
}

async function makeGuard(guard: string): Promise<boolean> {
  try {
    await mkdir(guard, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = await stat(guard).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > guardMs) await rmdir(guard).catch(() => undefined);
    return false;
  }
}

function inUse(file: string, { pid }: Lock): StartError {
  return new StartError(
    'data_in_use',
    `The data folder is in use by another orchestrator (process ${pid}, lock ${file}).`,
    'Stop that one, open its dashboard with `corch open`, or choose another folder with DATA_DIR (`--data DIR`).',
  );
}

async function releaseLock(file: string, mine: Lock): Promise<void> {
  const held = parseLock(await readFile(file, 'utf8').catch(() => ''));
  if (held?.pid === mine.pid && held.startedAt === mine.startedAt) await rm(file, { force: true });
}

/** Null for what is no lock; a lock is never half written. */
function parseLock(text: string): Lock | null {
  try {
    return Lock.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Whether the process that wrote the lock lives: a process of the same number that started at another time is a different one. */
async function isAlive({ pid, startedAt }: Lock): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const start = await startOf(pid);
  return start === '' || startedAt === '' || start === startedAt;
}

/** When a process started, as Linux says it (clock ticks after the boot, with the boot's id); empty where that is not known. */
async function startOf(pid: number): Promise<string> {
  try {
    const [boot, status] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The name of the program, in brackets, may hold spaces and brackets; the start is the 20th field behind it.
    return `${boot.trim()} ${status.slice(status.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}
