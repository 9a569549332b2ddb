// Files of the workspace that are kept with the run. They are copied into its folder, from where they are uploaded like its change.
import { artifactName } from '@corch/contract';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { holdsSecret } from '../secret-scan.js';
import { isBelow } from '../workspace/allowed-path.js';
import { artifactFolder } from './run-stage.js';

/** The orchestrator takes no larger file. */
const maxFileBytes = 100_000_000;
const maxAllBytes = 500_000_000;
const maxFiles = 200;

export interface TakenArtifacts {
  /** Names of files of the run folder, under which they are kept with the run. */
  readonly names: readonly string[];
  /** What was left out, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * Copies what the patterns find. Links are not followed, and nothing outside of the workspace is taken.
 *
 * @param workspace nothing works in it any more
 * @param secrets files that hold one of them stay here
 */
export async function takeArtifacts(
  patterns: readonly string[],
  workspace: string,
  runFolder: string,
  secrets: readonly string[] = [],
): Promise<TakenArtifacts> {
  await rm(join(runFolder, artifactFolder), { recursive: true, force: true });
  const root = await realpath(workspace);
  const warnings: string[] = [];
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matches = (await find(pattern, root)).sort();
    if (matches.length === 0)
      warnings.push(`The artifact \`${pattern}\` was not found: no file of the workspace has this path.`);
    for (const path of matches) found.add(path);
  }
  const names: string[] = [];
  const left = new Map<string, string>();
  let bytes = 0;
  for (const path of found) {
    const size = await sizeInside(path, root);
    const name = artifactName(path);
    if (size === null) left.set(path, 'it is no file of the workspace, or a link');
    else if (name === null) left.set(path, 'its name cannot be kept');
    else if (size > maxFileBytes) left.set(path, `it is larger than ${maxFileBytes / 1e6} MB`);
    else if (await holdsSecret(join(root, path), secrets)) left.set(path, 'it holds a secret of the worker');
    else if (names.length >= maxFiles) left.set(path, `at most ${maxFiles} files are kept`);
    else if (bytes + size > maxAllBytes) left.set(path, `all together may have ${maxAllBytes / 1e6} MB`);
    else {
      const target = join(runFolder, name);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await copyFile(join(root, path), target, constants.COPYFILE_FICLONE);
      names.push(name);
      bytes += size;
    }
  }
  return { names, warnings: [...warnings, ...leftText(left)] };
}

/** Files by path or pattern; those of a folder when it names one. */
function find(pattern: string, cwd: string): Promise<string[]> {
  return glob(pattern, {
    cwd,
    dot: true,
    followSymbolicLinks: false,
    expandDirectories: true,
    extglob: false,
    braceExpansion: false,
    ignore: ['**/.git/**', '**/.git'],
  });
}

/** Null for what is no plain file, or lies behind a link. */
async function sizeInside(path: string, root: string): Promise<number | null> {
  const file = join(root, path);
  const info = await lstat(file).catch(() => null);
  if (info?.isFile() !== true) return null;
  const folder = await realpath(dirname(file)).catch(() => null);
  return folder !== null && isBelow(folder, root) ? info.size : null;
}

function leftText(left: ReadonlyMap<string, string>): string[] {
  const [first] = left;
  if (first === undefined) return [];
  const [path, why] = first;
  const more = left.size === 1 ? '' : ` So were ${left.size - 1} others.`;
  return [`The artifact \`${path}\` was left out: ${why}.${more}`];
}
