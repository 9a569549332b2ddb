// What a run changed in its workspace, as a patch. Read through a repository of our own that only borrows the objects of
// the workspace: whatever Claude wrote into the workspace's .git (configuration, filters, hooks, index) runs nothing here.
import type { DiffStat } from '@corch/contract';
import { rename, rm, stat } from 'node:fs/promises';
import { filesWithSecrets } from './change-secrets.js';
import { newRepositories, parseChangedFiles } from './changed-files.js';
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
  /** What must not leave this machine with the change; nothing is looked for without. */
  readonly secrets?: readonly string[];
  /** What the change is kept as besides; nothing while a run is at work. */
  readonly keep?: { readonly filesFile: string; readonly commit: CommitRequest };
}

export interface Change {
  readonly stat: DiffStat;
  /** Bytes of the patch file. */
  readonly size: number;
  /** What git said of files that it could not take in; null when the change is whole. */
  readonly unread: string | null;
  /** Paths of files that got one of the secrets. */
  readonly withSecrets: readonly string[];
  /** Its commit; none without a repository, or when nothing was changed. */
  readonly made: MadeCommit;
}

const noCommit: MadeCommit = { commit: null, follows: false };

/** The orchestrator keeps no larger file. */
export const maxPatchBytes = 100_000_000;

/** The tree without files has the same name everywhere (SHA-1). */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Of every comparison, so that patch, count and list agree. Among more pairs than these only equal files count as renamed. */
const compared = ['--cached', '--no-ext-diff', '--no-textconv', '--no-color', '-M', '-l1000'];
const rowed = ['diff', ...compared, '--raw', '--numstat', '-z'];
const patched = ['diff', ...compared, '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/'];

/** Writes the patch file and counts. Ignored files (`.gitignore`) do not take part. */
export async function readChange(git: Git, source: ChangeSource, signal?: AbortSignal): Promise<Change> {
  const { baseCommit, patchFile } = source;
  const shadow = new ShadowRepository(git, source.shadow, source.workspace, signal);
  await shadow.make(baseCommit);
  await shadow.takeAll(baseCommit);
  const base = baseCommit ?? emptyTree;
  const compare = async (file: string): Promise<Compared> => {
    const [rows] = await Promise.all([
      shadow.must([...rowed, base, '--']),
      shadow.must([...patched, base, '--'], undefined, file),
    ]);
    return { ...readRows(Buffer.from(rows)), size: (await stat(file)).size };
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
  const withSecrets = await filesWithSecrets(shadow, base, source.secrets ?? []);
  await shadow.remove();
  return { stat: found.stat, size: found.size, unread, withSecrets, made };
}

/** Writes the list of files and makes the commit. */
async function keepChange(
  shadow: ShadowRepository,
  baseCommit: string | null,
  { filesFile, commit }: NonNullable<ChangeSource['keep']>,
): Promise<MadeCommit> {
  await shadow.must([...rowed, baseCommit ?? emptyTree, '--'], undefined, filesFile);
  return baseCommit === null ? noCommit : commitChange(shadow, baseCommit, commit);
}

interface Compared {
  readonly stat: DiffStat;
  /** Paths of repositories where none was before. */
  readonly repositories: readonly string[];
  readonly size: number;
}

function readRows(rows: Buffer): Pick<Compared, 'stat' | 'repositories'> {
  const files = parseChangedFiles(rows);
  const sum = (side: 'additions' | 'deletions') => files.reduce((total, file) => total + (file[side] ?? 0), 0);
  const stat = { files: files.length, additions: sum('additions'), deletions: sum('deletions') };
  return { stat, repositories: newRepositories(rows) };
}
