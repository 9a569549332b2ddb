// What a run changed in its workspace, as a patch. Read through a repository of our own that only borrows the objects of
// the workspace: whatever Claude wrote into the workspace's .git (configuration, filters, hooks, index) runs nothing here.
import type { DiffStat } from '@corch/contract';
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
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

  await makeShadow(git, source, signal);
  const base = source.baseCommit ?? emptyTree;
  if ((await call(['add', '--all', '--', '.'])).code !== 0) {
    // The copied index may hold something this git does not take; without it every file is read.
    await rm(join(source.shadow, 'index'), { force: true });
    if (source.baseCommit !== null) await must(['read-tree', base]);
    await must(['add', '--all', '--', '.']);
  }
  const tree = (await must(['write-tree'])).trim();
  const safe = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-renames'];
  const patch = ['diff', ...safe, '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/'];
  await must([...patch, base, tree, '--'], source.patchFile);
  const counted = countChanges(await must(['diff', ...safe, '--numstat', '-z', base, tree, '--']));
  await rm(source.shadow, { recursive: true, force: true });
  return { stat: counted, size: (await stat(source.patchFile)).size };
}

async function makeShadow(git: Git, source: ChangeSource, signal?: AbortSignal): Promise<void> {
  const { shadow, workspace, baseCommit } = source;
  await rm(shadow, { recursive: true, force: true });
  const isSha256 = baseCommit !== null && baseCommit.length === 64;
  const format = isSha256 ? ['--object-format=sha256'] : [];
  const options = { cwd: workspace, env: isolated, ...(signal === undefined ? {} : { signal }) };
  const made = await git.run(['init', '--quiet', '--bare', '--template=', ...format, '--', shadow], options);
  if (made.code !== 0) throw new Error(`git init failed: ${made.stderr.trim().slice(0, 500)}`);
  if (baseCommit === null) return;
  await mkdir(join(shadow, 'objects', 'info'), { recursive: true });
  await writeFile(join(shadow, 'objects', 'info', 'alternates'), `${join(workspace, '.git', 'objects')}\n`);
  // Its file times spare reading every file again.
  await copyFile(join(workspace, '.git', 'index'), join(shadow, 'index')).catch(() => undefined);
}

/** `git diff --numstat -z`: `added TAB deleted TAB path NUL`, with `-` for binary files. */
export function countChanges(numstat: string): DiffStat {
  const rows = numstat.split('\0').filter((row) => row !== '');
  const sum = (column: 0 | 1): number =>
    rows.reduce((total, row) => total + (Number.parseInt(row.split('\t')[column] ?? '', 10) || 0), 0);
  return { files: rows.length, additions: sum(0), deletions: sum(1) };
}
