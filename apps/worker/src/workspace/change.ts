// What a run changed in its workspace, as a patch. Read through a repository of our own that only borrows the objects of
// the workspace: whatever Claude wrote into the workspace's .git (configuration, filters, hooks, index) runs nothing here.
import type { ChangedFile, DiffStat } from '@corch/contract';
import { rename, rm, stat } from 'node:fs/promises';
import { filesWithSecrets } from './change-secrets.js';
import { isNewRepository, parseComparedFiles, type ComparedFile } from './changed-files.js';
import { commitChange, type CommitRequest, type MadeCommit } from './commit.js';
import { storeEncoded } from './encoded-files.js';
import type { Git } from './git.js';
import { ShadowRepository } from './shadow-repository.js';

/** Where a change is read from. */
export interface ChangeSource {
  readonly workspace: string;
  /** Null without a repository: then everything in the folder is new. */
  readonly baseCommit: string | null;
  /** The repository that the workspace borrows from, which has the base whatever became of the workspace's own. */
  readonly mirror?: string | null;
  /** A folder of the run for the borrowed repository. */
  readonly shadow: string;
  readonly patchFile: string;
  /** What must not leave this machine with the change; nothing is looked for without. */
  readonly secrets?: readonly string[];
  /** Asked when the patch is written: whether a change like this has been looked into before. */
  readonly isKnown?: () => Promise<boolean>;
  /** What the change is kept as besides; nothing while a run is at work. */
  readonly commit?: CommitRequest;
  /** Whether {@link Change.tree} is asked for. */
  readonly wantsTree?: boolean;
}

export interface Change {
  readonly stat: DiffStat;
  readonly files: readonly ChangedFile[];
  /** Bytes of the patch file. */
  readonly size: number;
  /** What git said of files that it could not take in; null when the change is whole. */
  readonly unread: string | null;
  /** Paths of files that got one of the secrets; of a change that was known, none. */
  readonly withSecrets: readonly string[];
  /** Its commit; none without a repository, or when nothing was changed. */
  readonly made: MadeCommit;
  /** What git calls all files as they are now; null when nobody asked. */
  readonly tree: string | null;
}

const noCommit: MadeCommit = { commit: null, follows: false };

/** The orchestrator keeps no larger file. */
export const maxPatchBytes = 100_000_000;

/** The tree without files has the same name everywhere (SHA-1). */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Among more pairs than these only equal files count as renamed. */
const compared = ['diff', '--cached', '--no-ext-diff', '--no-textconv', '--no-color', '-M', '-l1000'];
const rowed = [...compared, '--raw', '--no-abbrev', '--numstat', '-z'];
const patched = [...compared, '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/'];

/** Writes the patch file and counts. Ignored files (`.gitignore`) do not take part. */
export async function readChange(git: Git, source: ChangeSource, signal?: AbortSignal): Promise<Change> {
  const { baseCommit, patchFile } = source;
  const shadow = new ShadowRepository(git, source.shadow, source.workspace, signal);
  await shadow.make(baseCommit, source.mirror ?? null);
  await shadow.takeAll(baseCommit);
  const base = baseCommit ?? emptyTree;
  if (shadow.isWithoutEncodings) await storeEncoded(shadow, base);
  const compare = async (file: string): Promise<Compared> => {
    const [rows] = await Promise.all([
      shadow.bytes([...rowed, base, '--']),
      shadow.must([...patched, base, '--'], undefined, file),
    ]);
    return { files: parseComparedFiles(rows), size: (await stat(file)).size };
  };
  let found = await compare(patchFile);
  // What is in the index, and so in the commit.
  let { files } = found;
  let unread = shadow.unread;
  const repositories = files.filter(isNewRepository).map(({ listed }) => listed.path);
  if (repositories.length > 0) {
    for (const path of repositories) await shadow.graft(path);
    const withInner = `${patchFile}.inner`;
    const all = await compare(withInner);
    ({ files } = all);
    unread = shadow.unread;
    if (all.size <= maxPatchBytes) {
      await rename(withInner, patchFile);
      found = all;
    } else {
      await rm(withInner);
      unread = [...(unread === null ? [] : [unread]), `too large: ${repositories.join(', ')}`].join('; ');
    }
  }
  const made =
    source.commit === undefined || baseCommit === null
      ? noCommit
      : await commitChange(shadow, baseCommit, source.commit);
  const tree = source.wantsTree === true ? (await shadow.must(['write-tree'])).trim() : null;
  const isKnown = (await source.isKnown?.()) === true;
  const withSecrets = isKnown ? [] : await filesWithSecrets(shadow, files, source.secrets ?? []);
  await shadow.remove();
  const listed = files.map((file) => file.listed);
  return { stat: statOf(found.files), files: listed, size: found.size, unread, withSecrets, made, tree };
}

/** By one comparison, so that patch, count and list agree. */
interface Compared {
  readonly files: readonly ComparedFile[];
  readonly size: number;
}

function statOf(files: readonly ComparedFile[]): DiffStat {
  const sum = (side: 'additions' | 'deletions') => files.reduce((total, { listed }) => total + (listed[side] ?? 0), 0);
  return { files: files.length, additions: sum('additions'), deletions: sum('deletions') };
}
