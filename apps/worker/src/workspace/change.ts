// What a run changed in its workspace, as a patch. Read through a repository of our own that only borrows the objects of
// the workspace: whatever Claude wrote into the workspace's .git (configuration, filters, hooks, index) runs nothing here.
import type { DiffStat } from '@corch/contract';
import { copyFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git, GitAnswer } from './git.js';

/** Where a change is read from. */
export interface ChangeSource {
  readonly workspace: string;
  /** Null without a repository: then everything in the folder is new. */
  readonly baseCommit: string | null;
  /** A folder of the run for the borrowed repository. */
  readonly shadow: string;
  readonly patchFile: string;
}

export interface Change {
  readonly stat: DiffStat;
  /** Bytes of the patch file. */
  readonly size: number;
}

/** The tree without files has the same name everywhere (SHA-1). */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Configuration of the user and system is left out too: a diff tool or filter there would be a program to run. */
const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_ATTR_NOSYSTEM: '1' };

/** Writes the patch file and counts. Ignored files (`.gitignore`) do not take part. */
export async function readChange(git: Git, source: ChangeSource, signal?: AbortSignal): Promise<Change> {
  const call = (args: readonly string[], stdoutFile?: string): Promise<GitAnswer> =>
    git.run([`--git-dir=${source.shadow}`, `--work-tree=${source.workspace}`, ...args], {
      cwd: source.workspace,
      env: isolated,
      ...(signal === undefined ? {} : { signal }),
      ...(stdoutFile === undefined ? {} : { stdoutFile }),
    });
  const must = async (args: readonly string[], stdoutFile?: string): Promise<string> => {
    const answer = await call(args, stdoutFile);
    if (answer.code !== 0) throw new Error(`git ${args[0]} failed: ${answer.stderr.trim().slice(0, 500)}`);
    return answer.stdout;
  };

  await makeShadow(source);
  const base = source.baseCommit ?? emptyTree;
  if ((await call(['add', '--all', '--', '.'])).code !== 0) {
    // The copied index may hold something this git does not take; without it every file is read.
    await rm(join(source.shadow, 'index'), { force: true });
    if (source.baseCommit !== null) await must(['read-tree', base]);
    await must(['add', '--all', '--', '.']);
  }
  const safe = ['--cached', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames'];
  const patch = ['diff', ...safe, '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/', base, '--'];
  const [numstat] = await Promise.all([
    must(['diff', ...safe, '--numstat', '-z', base, '--']),
    must(patch, source.patchFile),
  ]);
  await rm(source.shadow, { recursive: true, force: true });
  return { stat: countChanges(numstat), size: (await stat(source.patchFile)).size };
}

/** The least that git takes for a repository. */
async function makeShadow({ shadow, workspace, baseCommit }: ChangeSource): Promise<void> {
  await rm(shadow, { recursive: true, force: true });
  await mkdir(join(shadow, 'objects', 'info'), { recursive: true });
  await mkdir(join(shadow, 'refs'));
  await writeFile(join(shadow, 'HEAD'), 'ref: refs/heads/change\n');
  // A SHA-256 id has 64 digits.
  if (baseCommit?.length === 64) {
    const config = '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n';
    await writeFile(join(shadow, 'config'), config);
  }
  if (baseCommit === null) return;
  await writeFile(join(shadow, 'objects', 'info', 'alternates'), `${join(workspace, '.git', 'objects')}\n`);
  await copyIndex(join(workspace, '.git', 'index'), join(shadow, 'index')).catch(() => undefined);
}

/**
 * The index remembers the times of files, which spares reading every file again. The copy keeps its own time, in whole
 * seconds: git reads what was written in or after that second anew, and with a later time it would miss quick edits.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  const seconds = Math.floor((await stat(from)).mtimeMs / 1000);
  await copyFile(from, to);
  await utimes(to, seconds, seconds);
}

/** `git diff --numstat -z`: `added TAB deleted TAB path NUL`, with `-` for binary files. */
export function countChanges(numstat: string): DiffStat {
  const rows = numstat.split('\0').filter((row) => row !== '');
  const sum = (column: 0 | 1): number =>
    rows.reduce((total, row) => total + (Number.parseInt(row.split('\t')[column] ?? '', 10) || 0), 0);
  return { files: rows.length, additions: sum(0), deletions: sum(1) };
}
