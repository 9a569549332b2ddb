// The change of a run as one commit on top of the commit it began at, kept as a bundle. Made in the shadow repository, so that
// neither the index nor the references of the workspace are touched.
import { rm, stat, writeFile } from 'node:fs/promises';
import type { ShadowRepository } from './shadow-repository.js';

/** How the commit is worded, and the files that are written. */
export interface CommitRequest {
  /** `Name <mail>`. */
  readonly author: string;
  readonly message: string;
  readonly bundleFile: string;
  /** For `git am`; null when nobody asked for it. */
  readonly mailFile: string | null;
}

/** The branch of the shadow repository; the bundle has it too. */
export const changeRef = 'refs/heads/change';

/** Makes the commit of what is in the index. Returns null when nothing was changed. */
export async function commitChange(
  shadow: ShadowRepository,
  baseCommit: string,
  { author, message, bundleFile, mailFile }: CommitRequest,
): Promise<string | null> {
  const tree = (await shadow.must(['write-tree'])).trim();
  const before = (await shadow.must(['rev-parse', '--verify', '--end-of-options', `${baseCommit}^{tree}`])).trim();
  if (tree === before) return null;
  const messageFile = `${bundleFile}.message`;
  await writeFile(messageFile, message, { mode: 0o600 });
  try {
    const make = ['commit-tree', '--no-gpg-sign', '-p', baseCommit, '-F', messageFile, tree];
    const commit = (await shadow.must([...identity(author), ...make])).trim();
    await shadow.must(['update-ref', changeRef, commit]);
    await rm(bundleFile, { force: true });
    await shadow.must(['bundle', 'create', '--quiet', bundleFile, changeRef, `^${baseCommit}`]);
    if (mailFile !== null) await shadow.must(mail(commit), undefined, mailFile);
    return commit;
  } finally {
    await rm(messageFile, { force: true });
  }
}

function identity(author: string): string[] {
  const [, name = author, email = ''] = /^(.*?) <([^<>]*)>$/.exec(author) ?? [];
  return ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
}

function mail(commit: string): string[] {
  const safe = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-signature', '--binary', '--full-index'];
  return ['format-patch', '--stdout', '-1', ...safe, '--end-of-options', commit];
}

/** Bytes of a file that was written; 0 when it was not. */
export async function bytesOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
