// Lock files that belong to live processes. One that a dead process left is taken over, by one of those that find it.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { codeOf } from './error-facts.js';

const Owner = z.object({
  pid: z.number().int(),
  /** Clock ticks since boot at which the process started. */
  start: z.string().nullable(),
  /** Which boot that was; null where the system does not tell, and in locks of older programs. */
  boot: z.string().nullable().default(null),
});
/** The process that has a lock. */
export type LockOwner = z.infer<typeof Owner>;

/** A lock that was taken, or who has it. */
export type LockAttempt =
  | { readonly release: () => Promise<void>; readonly owner?: undefined }
  | { readonly release?: undefined; readonly owner: LockOwner };

/** Taking a dead lock over takes milliseconds; a guard this old was left by a process that died meanwhile. */
const guardMs = 5000;
const waitMs = 20;
const maxTries = (2 * guardMs) / waitMs;
/** Between two looks at a lock that another process has. */
const lookMs = 100;

/**
 * Takes the lock when no live process has it.
 *
 * @throws Error when it can neither be taken nor belongs to anybody
 */
export async function tryLock(path: string): Promise<LockAttempt> {
  const own = { pid: process.pid, start: await startOf(process.pid), boot: await bootId() } satisfies LockOwner;
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let tries = 0; tries < maxTries; tries++) {
      // A link to a whole file: nobody ever reads a lock that is half written.
      if (await link(mine, path).then(() => true, isTaken)) return { release: () => rm(path, { force: true }) };
      const owner = await removeIfDead(path);
      if (owner !== null) return { owner };
    }
    throw new Error(`the lock ${path} cannot be taken; remove it and try again`);
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * Takes the lock as soon as it is free.
 *
 * @returns how to give it back
 * @throws the abort reason of `signal`
 */
export async function waitForLock(path: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal.throwIfAborted();
    const { release } = await tryLock(path);
    if (release !== undefined) return release;
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Removes a dead lock, one process at a time: the slower of two would take away what the faster has just put there.
 *
 * @returns the owner of one that is not dead
 */
async function removeIfDead(path: string): Promise<LockOwner | null> {
  const { owner } = await look(path);
  if (owner !== null) return owner;
  const guard = `${path}.takeover`;
  if (!(await mkdir(guard, { mode: 0o700 }).then(() => true, isTaken))) {
    const made = await stat(guard).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > guardMs) await rmdir(guard).catch(() => undefined);
    else await delay(waitMs);
    return null;
  }
  try {
    const found = await look(path);
    // Who finds nothing removes nothing: the name is free, and whoever takes it in this moment lives.
    if (found.isThere && found.owner === null) await rm(path, { force: true });
    return found.owner;
  } finally {
    await rmdir(guard);
  }
}

/** Whether there is a lock at all, and the live process that has it. */
async function look(path: string): Promise<{ isThere: boolean; owner: LockOwner | null }> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const owner = Owner.safeParse(parse(text ?? '')).data;
  return { isThere: text !== null, owner: owner !== undefined && (await isAlive(owner)) ? owner : null };
}

function isTaken(error: unknown): false {
  if (codeOf(error) === 'EEXIST') return false;
  throw error;
}

/** Process ids are given again; boot and start time tell the old owner from a stranger. */
async function isAlive(owner: LockOwner): Promise<boolean> {
  const boot = await bootId();
  if (owner.boot !== null && boot !== null && owner.boot !== boot) return false;
  if (owner.pid === process.pid) return (await startOf(owner.pid)) === owner.start;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const start = await startOf(owner.pid);
  return owner.start === null || start === null || start === owner.start;
}

/** Null where /proc does not tell. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function bootId(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
