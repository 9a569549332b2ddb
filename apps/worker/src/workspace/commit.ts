// The change of a run as one commit on top of the commit it began at, or of what is public of it already, kept as a bundle. Made in the shadow repository, so that
// neither the index nor the references of the workspace are touched.
import { rm, stat, writeFile } from 'node:fs/promises';
import type { ShadowRepository } from './shadow-repository.js';

/** A commit that is public: the change up to then. */
export interface FollowedCommit {
  readonly commit: string;
  /** Has it, from the commit that the run began at on. */
  readonly bundleFile: string;
}

/** How the commit is worded, and the files that are written. */
export interface CommitRequest {
  /** `Name <mail>`. */
  readonly author: string;
  readonly message: string;
  readonly bundleFile: string;
  /** For `git am`; null when nobody asked for it. */
  readonly mailFile: string | null;
  /** It goes on top of this one; null when nothing is public. */
  readonly follows?: FollowedCommit | null;
  /** The commit of the remote that the bundle begins at; the one that the change begins at when absent. */
  readonly bundleBase?: string;
}

/** A change as a commit. */
export interface MadeCommit {
  /** The one that was followed, when nothing was changed since; null when nothing was changed at all. */
  readonly commit: string | null;
  /** Whether the followed commit is in its history. */
  readonly follows: boolean;
}

/** The branch of the shadow repository; the bundle has it too. */
export const changeRef = 'refs/heads/change';

/** Makes the commit of what is in the index. */
export async function commitChange(
  shadow: ShadowRepository,
  baseCommit: string,
  request: CommitRequest,
): Promise<MadeCommit> {
  const { bundleFile, mailFile, follows = null, bundleBase = baseCommit } = request;
  const followed = follows === null ? null : await unpack(shadow, baseCommit, follows);
  const parent = followed ?? baseCommit;
  const tree = (await shadow.must(['write-tree'])).trim();
  const isChanged =
    tree !== (await shadow.must(['rev-parse', '--verify', '--end-of-options', `${parent}^{tree}`])).trim();
  if (!isChanged && followed === null) return { commit: null, follows: false };
  const commit = isChanged ? await make(shadow, tree, parent, request) : parent;
  await shadow.must(['update-ref', changeRef, commit]);
  await rm(bundleFile, { force: true });
  await shadow.must(['bundle', 'create', '--quiet', bundleFile, changeRef, `^${bundleBase}`]);
  if (mailFile !== null) await shadow.must(mail(baseCommit, commit), undefined, mailFile);
  return { commit, follows: followed !== null };
}

async function make(
  shadow: ShadowRepository,
  tree: string,
  parent: string,
  { author, message, bundleFile }: CommitRequest,
): Promise<string> {
  const messageFile = `${bundleFile}.message`;
  await writeFile(messageFile, message, { mode: 0o600 });
  try {
    const args = ['commit-tree', '--no-gpg-sign', '-p', parent, '-F', messageFile, tree];
    return (await shadow.must([...identity(author), ...args])).trim();
  } finally {
    await rm(messageFile, { force: true });
  }
}

/** Takes the followed commit in; null when its bundle is damaged, or of another history. */
async function unpack(
  shadow: ShadowRepository,
  baseCommit: string,
  { commit, bundleFile }: FollowedCommit,
): Promise<string | null> {
  try {
    // What the bundle builds on counts as known only when a branch leads to it.
    await shadow.must(['update-ref', 'refs/heads/base', baseCommit]);
    await shadow.must(['bundle', 'unbundle', bundleFile]);
    await shadow.must(['merge-base', '--is-ancestor', baseCommit, commit]);
    return commit;
  } catch {
    return null;
  }
}

function identity(author: string): string[] {
  const [, name = author, email = ''] = /^(.*?) <([^<>]*)>$/.exec(author) ?? [];
  return ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
}

function mail(baseCommit: string, commit: string): string[] {
  const safe = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-signature', '--binary', '--full-index'];
  return ['format-patch', '--stdout', ...safe, '--end-of-options', `${baseCommit}..${commit}`];
}

/** Bytes of a file that was written; 0 when it was not. */
export async function bytesOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
