// The list of changed files, from the bytes that git prints: a path is bytes, and not always UTF-8.
import type { ChangedFile } from '@corch/contract';

const statuses: Record<string, ChangedFile['status']> = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'type',
};

/**
 * `git diff --raw --numstat -z`: first `:mode mode id id status NUL path NUL` of every file, with two paths of a rename or copy;
 * then `added TAB deleted TAB path NUL` of every file in the same order, and of a rename `added TAB deleted TAB NUL from NUL to NUL`.
 */
export function parseChangedFiles(output: Buffer): ChangedFile[] {
  const parts = splitAtNul(output);
  let at = 0;
  const next = () => parts[at++] ?? Buffer.alloc(0);
  const files: Omit<ChangedFile, 'additions' | 'deletions' | 'binary'>[] = [];
  while (parts[at]?.[0] === 0x3a) {
    const letter = next().toString('latin1').split(' ')[4]?.[0] ?? 'M';
    const status = statuses[letter] ?? 'modified';
    const first = next();
    const from = status === 'renamed' || status === 'copied' ? first : null;
    files.push({ ...pathOf(from === null ? first : next()), status, ...(from && { from: from.toString() }) });
  }
  return files.map((file) => {
    const [added = '', deleted = '', ...path] = next().toString('latin1').split('\t');
    if (path.join('\t') === '') at += 2;
    const binary = added === '-';
    return { ...file, additions: binary ? null : Number(added), deletions: binary ? null : Number(deleted), binary };
  });
}

function pathOf(bytes: Buffer): Pick<ChangedFile, 'path' | 'pathBytes'> {
  const path = bytes.toString();
  return Buffer.from(path).equals(bytes) ? { path } : { path, pathBytes: bytes.toString('base64') };
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    parts.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  return parts;
}
