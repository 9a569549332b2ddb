// The folder a run works in: a repository of its own on its own branch, or an empty folder.
import type { ClaimedRun } from '@corch/contract';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './error-facts.js';
import type { Git } from './workspace/git.js';
import type { MirrorRequest, Mirrors } from './workspace/mirrors.js';
import { DamagedMirrorError, makeRunRepository } from './workspace/run-repository.js';
import { Submodules, type MadeSubmodule } from './workspace/submodules.js';
import { includeFiles } from './workspace/worktree-include.js';
import { DeniedError, WorkspaceError } from './workspace/workspace-error.js';

/** A prepared workspace. */
export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly branch: string | null;
  readonly baseCommit: string | null;
  /** The repository from which it borrows its objects; null when it has none. */
  readonly mirror: string | null;
  readonly submodules: readonly MadeSubmodule[];
}

/** What workspaces are made with. */
export interface WorkspaceTools {
  readonly git: Git;
  readonly mirrors: Mirrors;
}

/** On whose behalf a workspace is made. */
export interface WorkspaceAccess extends Omit<MirrorRequest, 'source'> {
  /** What a person does when the server says no; a sentence. */
  readonly denied?: string;
  /** Told what the workspace lacks, as sentences. */
  readonly warn?: (text: string) => Promise<void>;
}

/** The folder of a run's workspace, short enough to be read by people and unique by the run's random part. */
export function workspaceFolder(root: string, run: Pick<ClaimedRun, 'taskId' | 'runId'>): string {
  return join(root, `${run.taskId.slice(-6)}-${run.runId.slice(-8)}`);
}

/**
 * Makes the workspace of a run. A half-made one of an earlier try is removed first.
 *
 * @throws WorkspaceError with one clear sentence, or the abort reason of the signal
 */
export async function prepareWorkspace(
  tools: WorkspaceTools,
  run: Pick<ClaimedRun, 'spec' | 'branch'>,
  folder: string,
  access: WorkspaceAccess,
): Promise<Workspace> {
  const { repository, ref } = run.spec;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, '..'), { recursive: true, mode: 0o700 });
    if (repository === undefined) {
      await mkdir(folder, { mode: 0o700 });
      return { folder, branch: null, baseCommit: null, mirror: null, submodules: [] };
    }
    return await checkOut(tools, { ...access, source: repository }, ref, run.branch ?? 'corch/work', folder);
  } catch (error) {
    // Nobody has worked in it, and the disk may be full of it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof DeniedError && access.denied !== undefined) {
      throw new WorkspaceError(error.outcome, `${error.message} ${access.denied}`, { cause: error });
    }
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EACCES') {
      const isFull = code !== 'EACCES';
      const why = isFull
        ? 'its disk is full. Make room (`corch worker gc`)'
        : `${folder} may not be written. Check its rights`;
      throw new WorkspaceError('workspace_failed', `The worker could not make the workspace: ${why} and retry.`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function checkOut(
  { git, mirrors }: WorkspaceTools,
  request: MirrorRequest & WorkspaceAccess,
  ref: string | undefined,
  branch: string,
  folder: string,
): Promise<Workspace> {
  const { env, signal } = request;
  let mirror = await mirrors.fetch(request, ref);
  const { address, isLocal } = mirror.source;
  const authorFolder = isLocal ? address : dirname(folder);
  const make = () => makeRunRepository(git, { mirror, address, branch, folder, authorFolder, env, signal });
  try {
    await make();
  } catch (error) {
    if (!(error instanceof DamagedMirrorError)) throw error;
    mirror = await mirrors.fetchAnew(request, mirror, ref);
    await rm(folder, { recursive: true, force: true });
    await make();
  }
  const submodules = new Submodules(git, mirrors, request, folder, authorFolder);
  await submodules.fill(mirror);
  const included = isLocal ? await includeFiles(git, address, folder, signal) : null;
  for (const text of [...submodules.left, included?.left ?? null]) if (text !== null) await request.warn?.(text);
  return { folder, branch, baseCommit: mirror.commit, mirror: mirror.path, submodules: submodules.made };
}

/**
 * Removes workspaces (or session homes) that no live run uses: those older than `keepDays`, and the oldest beyond `keep`.
 * They are kept at all so that a person can look at what a run left.
 */
export async function pruneFolders(
  root: string,
  inUse: ReadonlySet<string>,
  limits: { keepDays: number; keep: number },
  now: number,
): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      return { path, time: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const idle = folders.filter(({ path }) => !inUse.has(path)).sort((a, b) => b.time - a.time);
  const oldest = now - limits.keepDays * 86_400_000;
  const gone = idle.filter(({ time }, index) => index >= limits.keep || time < oldest);
  for (const { path } of gone) await rm(path, { recursive: true, force: true });
  return gone.map(({ path }) => path);
}
