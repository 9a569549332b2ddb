// What a run changed in its workspace, as a patch. Read through a repository of our own that only borrows the objects of
// the workspace: whatever Claude wrote into the workspace's .git (configuration, filters, hooks, index) runs nothing here.
import type { DiffStat } from '@corch/contract';
import { rename, rm, stat } from 'node:fs/promises';
import { commitChange, type CommitRequest, type MadeCommit } from './commit.js';
import type { Git } from './git.js';
import { ShadowRepository } from './shadow-repository.js';

/** Where a change is read from. */
export interface ChangeSource {
  readonly workspace: string;
  /** Null without a repository: then everything in the folder is new. */
  readonly baseCommit: string | null;
  /** A folder of the run for the borrowed repository. */
  readonly shadow: string;
  readonly patchFile: string;
  /** What the change is kept as besides; nothing while a run is at work. */
  readonly keep?: { readonly filesFile: string; readonly commit: CommitRequest };
}

export interface Change {
  readonly stat: DiffStat;
  /** Bytes of the patch file. */
  readonly size: number;
  /** What git said of files that it could not take in; null when the change is whole. */
  readonly unread: string | null;
  /** Its commit; none without a repository, or when nothing was changed. */
  readonly made: MadeCommit;
}

const noCommit: MadeCommit = { commit: null, follows: false };

/** The orchestrator keeps no larger file. */
export const maxPatchBytes = 100_000_000;

/** The tree without files has the same name everywhere (SHA-1). */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Writes the patch file and counts. Ignored files (`.gitignore`) do not take part. */
export async function readChange(git: Git, source: ChangeSource, signal?: AbortSignal): Promise<Change> {
  const { baseCommit, patchFile } = source;
  const shadow = new ShadowRepository(git, source.shadow, source.workspace, signal);
  await shadow.make(baseCommit);
  await shadow.takeAll(baseCommit);
  const base = baseCommit ?? emptyTree;
  const safe = ['--cached', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames'];
  const patch = ['diff', ...safe, '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/', base, '--'];
  const compare = async (file: string): Promise<Compared> => {
    const [rows] = await Promise.all([
      shadow.must(['diff', ...safe, '--raw', '--numstat', '-z', base, '--']),
      shadow.must(patch, undefined, file),
    ]);
    return { ...readRows(rows.split('\0')), size: (await stat(file)).size };
  };
  let found = await compare(patchFile);
  let unread = shadow.unread;
  const { repositories } = found;
  if (repositories.length > 0) {
    for (const path of repositories) await shadow.graft(path);
    const withInner = `${patchFile}.inner`;
    const all = await compare(withInner);
    unread = shadow.unread;
    if (all.size <= maxPatchBytes) {
      await rename(withInner, patchFile);
      found = all;
    } else {
      await rm(withInner);
      unread = [...(unread === null ? [] : [unread]), `too large: ${repositories.join(', ')}`].join('; ');
    }
  }
  const made = source.keep === undefined ? noCommit : await keepChange(shadow, baseCommit, source.keep);
  await shadow.remove();
  return { stat: found.stat, size: found.size, unread, made };
}

/** Writes the list of files, with renames, and makes the commit. */
async function keepChange(
  shadow: ShadowRepository,
  baseCommit: string | null,
  { filesFile, commit }: NonNullable<ChangeSource['keep']>,
): Promise<MadeCommit> {
  const rows = ['diff', '--cached', '--no-ext-diff', '--no-textconv', '-M', '-l1000', '--raw', '--numstat', '-z'];
  await shadow.must([...rows, baseCommit ?? emptyTree, '--'], undefined, filesFile);
  return baseCommit === null ? noCommit : commitChange(shadow, baseCommit, commit);
}

interface Compared {
  readonly stat: DiffStat;
  /** Paths of repositories where none was before. */
  readonly repositories: readonly string[];
  readonly size: number;
}

/**
 * `git diff --raw --numstat -z`: first `:mode mode id id status NUL path` of every file, then `added TAB deleted TAB path NUL`
 * of every file, with `-` for binary ones. A path may look like either.
 */
function readRows(rows: readonly string[]): Pick<Compared, 'stat' | 'repositories'> {
  const repositories: string[] = [];
  let at = 0;
  for (; rows[at]?.startsWith(':'); at += 2) {
    if (/^:(?!160000)\d+ 160000 /.test(rows[at] ?? '')) repositories.push(rows[at + 1] ?? '');
  }
  const counts = rows.slice(at).filter((row) => row !== '');
  const sum = (column: 0 | 1): number =>
    counts.reduce((total, row) => total + (Number.parseInt(row.split('\t')[column] ?? '', 10) || 0), 0);
  return { stat: { files: counts.length, additions: sum(0), deletions: sum(1) }, repositories };
}
