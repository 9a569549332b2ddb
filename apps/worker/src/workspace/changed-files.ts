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
  const { files, counts } = readRaw(output);
  let at = 0;
  return files.map(({ status, path: bytes, from }) => {
    const [added = '', deleted = '', ...path] = (counts[at++] ?? Buffer.alloc(0)).toString('latin1').split('\t');
    if (path.join('\t') === '') at += 2;
    const binary = added === '-';
    const lines = { additions: binary ? null : Number(added), deletions: binary ? null : Number(deleted), binary };
    return { ...pathOf(bytes), status, ...(from && { from: from.toString() }), ...lines };
  });
}

/** Paths of repositories where none was before, in the same output. */
export function newRepositories(output: Buffer): string[] {
  const { files } = readRaw(output);
  const isNew = ({ before, after, from }: RawFile) => after === '160000' && (before !== '160000' || from !== null);
  return files.filter(isNew).map(({ path }) => path.toString());
}

interface RawFile {
  readonly before: string;
  readonly after: string;
  readonly status: ChangedFile['status'];
  readonly path: Buffer;
  readonly from: Buffer | null;
}

/** The first part, and the rows of the second as they are. */
function readRaw(output: Buffer): { files: RawFile[]; counts: Buffer[] } {
  const parts = splitAtNul(output);
  let at = 0;
  const next = () => parts[at++] ?? Buffer.alloc(0);
  const files: RawFile[] = [];
  while (parts[at]?.[0] === 0x3a) {
    const [before = '', after = '', , , letter = 'M'] = next().toString('latin1').slice(1).split(' ');
    const status = statuses[letter.charAt(0)] ?? 'modified';
    const from = status === 'renamed' || status === 'copied' ? next() : null;
    files.push({ before, after, status, from, path: next() });
  }
  return { files, counts: parts.slice(at) };
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
