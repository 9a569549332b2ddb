// `.worktreeinclude`: files that git ignores and a run needs all the same (`.env`), copied from an allowed checkout of this machine
// into a workspace. The list is the one in the checkout: what its user wrote there, not what some branch says.
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../error-facts.js';
import type { Git } from './git.js';

export const includeName = '.worktreeinclude';
/** Whoever lists `node_modules` by mistake is told. */
const maxFiles = 10_000;
const maxBytes = 1_000_000_000;

/** What was copied, and why the rest was not. */
export interface IncludedFiles {
  readonly copied: number;
  /** A sentence, or null. */
  readonly left: string | null;
}

/** The configuration of user and system must not decide what counts as ignored: reading the change does not know it either. */
const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };

/**
 * Copies the files that the list of `checkout` names, as far as both the checkout and the workspace ignore them: then they never
 * become part of a change. Links are left out, and nothing that the workspace has is written over.
 */
export async function includeFiles(
  git: Git,
  checkout: string,
  workspace: string,
  signal: AbortSignal,
): Promise<IncludedFiles> {
  const list = await lstat(join(checkout, includeName)).catch(() => null);
  if (list?.isFile() !== true) return { copied: 0, left: null };
  const listFiles = async (cwd: string, args: readonly string[]): Promise<string[]> => {
    const file = join(workspace, '.git', 'included');
    await git.run(['ls-files', '-z', '--others', ...args], { cwd, signal, env: isolated, stdoutFile: file });
    // Names may hold any bytes, and latin1 keeps each.
    const names = (await readFile(file, 'latin1')).split('\0');
    await rm(file);
    return names.filter((name) => name !== '');
  };
  const ignored = new Set(await listFiles(checkout, ['--ignored', '--exclude-standard']));
  const listed = await listFiles(checkout, ['--ignored', `--exclude-from=${includeName}`]);
  let bytes = 0;
  let skipped = 0;
  const copied = new Set<string>();
  for (const name of listed.filter((found) => ignored.has(found))) {
    signal.throwIfAborted();
    const size = await sizeOf(checkout, name);
    if (size === null) continue;
    if (copied.size >= maxFiles || bytes + size > maxBytes) skipped++;
    else if (await copy(checkout, workspace, name)) {
      copied.add(name);
      bytes += size;
    }
  }
  // What this commit does not ignore would be taken for work of the run.
  const shown = copied.size === 0 ? [] : await listFiles(workspace, ['--exclude-standard']);
  for (const name of shown.filter((found) => copied.delete(found))) await rm(pathOf(workspace, name));
  const left =
    skipped === 0
      ? null
      : `${skipped} files that ${includeName} names were not copied: they may be ${maxFiles}, of 1 GB together.`;
  return { copied: copied.size, left };
}

/** The path of a name whose bytes are kept in latin1. */
function pathOf(folder: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

/** The bytes of a file that lies in the checkout and is no link; null for all else. */
async function sizeOf(checkout: string, name: string): Promise<number | null> {
  const info = await lstat(pathOf(checkout, name)).catch(() => null);
  return info?.isFile() === true ? info.size : null;
}

/** False when something is there already, or the way there leads through a link. */
async function copy(checkout: string, workspace: string, name: string): Promise<boolean> {
  const parts = name.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = pathOf(workspace, parts.slice(0, depth).join('/'));
    await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
    if ((await lstat(folder).catch(() => null))?.isDirectory() !== true) return false;
  }
  const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  try {
    await copyFile(pathOf(checkout, name), pathOf(workspace, name), flags);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'EACCES') return false;
    throw error;
  }
}
