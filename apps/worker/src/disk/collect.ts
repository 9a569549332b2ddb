// Removes workspaces and mirrors that nobody needs, and only by proof that nothing is lost: see proof.ts. Used by the worker when a
// run has ended, and by `worker gc`, which may run beside a worker.
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { waitForLock } from '../process-lock.js';
import { RunFolder } from '../run-folder.js';
import { workspaceFolder } from '../workspace.js';
import type { WorkerFolders } from '../context.js';
import type { Git } from '../workspace/git.js';
import { lossOf } from './proof.js';
import { hasRecord, readRecord } from './workspace-record.js';

/** What there is to decide about. */
export interface Collection {
  readonly git: Git;
  readonly dir: string;
  readonly folders: WorkerFolders;
  /** Workspaces of runs that are held and may have no folder yet. */
  readonly inUse: ReadonlySet<string>;
  /** Workspaces stay for so long, and so many of them, so that people can look at them and runs go on there. */
  readonly limits: { readonly keepDays: number; readonly keep: number };
  /** Also those with work that is kept nowhere else. */
  readonly unkept: boolean;
  readonly dryRun: boolean;
  /** What was found before, by workspace: reading one takes its time. */
  readonly losses?: Map<string, { readonly loss: string; readonly at: number }>;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** `used` and `recent` stay; `unkept` stays since something would be lost; `removed` is gone, or would be. */
export interface Collected {
  readonly kind: 'workspace' | 'mirror';
  readonly path: string;
  readonly verdict: 'used' | 'recent' | 'unkept' | 'removed';
  /** What would be lost. */
  readonly why: string | null;
}

/** A mirror that was used so lately may just be about to be borrowed from. */
const mirrorIdleMs = 3_600_000;

/** A workspace that cannot be removed is looked at again after this. */
const lossMs = 6 * 3_600_000;

/** Where a worker and a `gc` beside it agree on who has a workspace. */
export function workspacesLock(dir: string): string {
  return join(dir, 'workspaces.lock');
}

/** Looks at every workspace and mirror, oldest last. */
export async function collect(collection: Collection): Promise<Collected[]> {
  if (!collection.dryRun) await emptyTrash(collection.dir);
  const rows = [...(await collectWorkspaces(collection)), ...(await collectMirrors(collection))];
  if (!collection.dryRun) await emptyTrash(collection.dir);
  return rows;
}

async function collectWorkspaces(collection: Collection): Promise<Collected[]> {
  const { folders, limits, now, signal } = collection;
  const names = await readdir(folders.workspaces, { withFileTypes: true }).catch(() => []);
  const dirs = await Promise.all(
    names
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const path = join(folders.workspaces, name);
        return { path, time: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
      }),
  );
  const rows: Collected[] = [];
  const oldest = now - limits.keepDays * 86_400_000;
  const used = await usedWorkspaces(collection);
  let idle = 0;
  for (const { path, time } of dirs.sort((a, b) => b.time - a.time)) {
    signal.throwIfAborted();
    const row = (verdict: Collected['verdict'], why: string | null = null) =>
      rows.push({ kind: 'workspace', path, verdict, why });
    if (used.has(path)) row('used');
    else if (idle++ < limits.keep && time >= oldest) row('recent');
    else {
      const loss = collection.unkept ? null : await lossAt(collection, path);
      if (loss !== null) row('unkept', loss);
      else row((await removeWorkspace(collection, path)) ? 'removed' : 'used');
    }
  }
  return rows;
}

/** A workspace without a record was made by an older program, which promised to keep it for some days and no more. */
async function lossAt({ git, signal, losses, now }: Collection, path: string): Promise<string | null> {
  const known = losses?.get(path);
  if (known !== undefined && now - known.at < lossMs) return known.loss;
  const record = await readRecord(path);
  const unknown = async () =>
    (await hasRecord(path)) ? `nobody knows what of it is kept: ${path}.json is damaged` : null;
  const loss = record === null ? await unknown() : await lossOf(git, path, record, signal);
  if (loss !== null) losses?.set(path, { loss, at: now });
  return loss;
}

/** By the run folders on disk, and those that the caller knows of. */
async function usedWorkspaces({ folders, inUse }: Collection): Promise<Set<string>> {
  const used = new Set(inUse);
  for (const name of await RunFolder.list(folders.runs)) {
    const folder = await RunFolder.load(folders.runs, name);
    if (folder === null) continue;
    // What ended is kept for whoever says more, as long as nobody needs the room.
    if (folder.state.ended) continue;
    used.add(workspaceFolder(folders.workspaces, folder.run));
    if (folder.state.workspace !== null) used.add(folder.state.workspace.folder);
  }
  return used;
}

/** False when a run has taken it meanwhile. */
async function removeWorkspace(collection: Collection, path: string): Promise<boolean> {
  if (collection.dryRun) return true;
  const release = await waitForLock(workspacesLock(collection.dir), collection.signal);
  try {
    if ((await usedWorkspaces(collection)).has(path)) return false;
    await discard(collection.dir, path);
    await rm(`${path}.json`, { force: true });
    return true;
  } finally {
    await release();
  }
}

async function collectMirrors(collection: Collection): Promise<Collected[]> {
  const { folders, limits, now, dryRun, signal } = collection;
  const rows: Collected[] = [];
  const borrowed = await borrowedFrom(collection);
  const idleMs = Math.max(mirrorIdleMs, limits.keepDays * 86_400_000);
  for (const { name } of await readdir(folders.mirrors, { withFileTypes: true }).catch(() => [])) {
    signal.throwIfAborted();
    const path = join(folders.mirrors, name);
    const usedAt = async () =>
      (
        await stat(join(path, 'mirror.json'))
          .catch(() => stat(path))
          .catch(() => null)
      )?.mtimeMs ?? 0;
    const isBorrowed = [...borrowed].some((objects) => objects.startsWith(`${path}/`));
    const isRecent = async () => now - (await usedAt()) < idleMs;
    if (isBorrowed || (await isRecent())) {
      if (!dryRun) await dropGenerations(collection.dir, path, borrowed, signal);
      rows.push({ kind: 'mirror', path, verdict: isBorrowed ? 'used' : 'recent', why: null });
      continue;
    }
    if (!dryRun) {
      const release = await waitForLock(join(path, 'lock'), signal);
      try {
        if (!(await isRecent())) await discard(collection.dir, path);
      } finally {
        await release();
      }
    }
    rows.push({ kind: 'mirror', path, verdict: 'removed', why: null });
  }
  return rows;
}

/** Damaged generations, once no workspace borrows from them any more. */
async function dropGenerations(dir: string, mirror: string, borrowed: ReadonlySet<string>, signal: AbortSignal) {
  const names = (await readdir(mirror).catch(() => [])).filter((name) => /^\d+\.git$/.test(name));
  const older = names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).slice(0, -1);
  const unused = older.filter((name) => !borrowed.has(join(mirror, name, 'objects')));
  if (unused.length === 0) return;
  const release = await waitForLock(join(mirror, 'lock'), signal);
  try {
    for (const name of unused) await discard(dir, join(mirror, name)).catch(() => undefined);
  } finally {
    await release();
  }
}

/** The folders of objects that workspaces name, by their own word and by ours. */
async function borrowedFrom({ folders }: Collection): Promise<Set<string>> {
  const borrowed = new Set<string>();
  for (const entry of await readdir(folders.workspaces, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory()) continue;
    const path = join(folders.workspaces, entry.name);
    const record = await readRecord(path);
    if (typeof record?.mirror === 'string') borrowed.add(join(record.mirror, 'objects'));
    for (const inner of ['', ...(record?.submodules ?? []).map((submodule) => submodule.path)]) {
      const alternates = join(path, inner, '.git', 'objects', 'info', 'alternates');
      const text = await readFile(alternates, 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (line.startsWith(`${folders.mirrors}/`)) borrowed.add(line);
    }
  }
  return borrowed;
}

/** Away at once, and removed afterwards: nobody sees half of it. */
async function discard(dir: string, path: string): Promise<void> {
  await rename(path, join(dir, `${trash}${randomUUID()}`));
}

const trash = 'trash-';

async function emptyTrash(dir: string): Promise<void> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.startsWith(trash));
  for (const name of names) await rm(join(dir, name), { recursive: true, force: true });
}
