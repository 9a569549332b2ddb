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

/** A file on one side of a comparison, as git stores it. */
export interface StoredFile {
  readonly path: string;
  /** Of its content; of a repository inside, the commit. */
  readonly id: string;
  /** Of a repository inside there is no more than the name of a commit. */
  readonly isRepository: boolean;
}

/** A changed file. */
export interface ComparedFile {
  /** As people read it. */
  readonly listed: ChangedFile;
  /** Null for a new one. */
  readonly before: StoredFile | null;
  /** Null for one that is gone. */
  readonly after: StoredFile | null;
}

/**
 * `git diff --raw --no-abbrev --numstat -z`: first `:mode mode id id status NUL path NUL` of every file, with two paths of a rename or
 * copy; then `added TAB deleted TAB path NUL` of every file in the same order, and of a rename `added TAB deleted TAB NUL from NUL to NUL`.
 */
export function parseComparedFiles(output: Buffer): ComparedFile[] {
  const { files, counts } = readRaw(output);
  let at = 0;
  return files.map(({ status, path, from, before, after }) => {
    const [added = '', deleted = '', ...named] = (counts[at++] ?? Buffer.alloc(0)).toString('latin1').split('\t');
    if (named.join('\t') === '') at += 2;
    const binary = added === '-';
    const lines = { additions: binary ? null : Number(added), deletions: binary ? null : Number(deleted), binary };
    const listed = { ...pathOf(path), status, ...(from && { from: from.toString() }), ...lines };
    return { listed, before: storedAt(from ?? path, before), after: storedAt(path, after) };
  });
}

/** Whether it is a repository where none was before. */
export function isNewRepository({ listed, before, after }: ComparedFile): boolean {
  return after?.isRepository === true && (before?.isRepository !== true || listed.from !== undefined);
}

interface Stored {
  readonly mode: string;
  readonly id: string;
}

interface RawFile {
  readonly before: Stored;
  readonly after: Stored;
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
    const row = next().toString('latin1').slice(1).split(' ');
    const [oldMode = '', newMode = '', oldId = '', newId = '', letter = 'M'] = row;
    const status = statuses[letter.charAt(0)] ?? 'modified';
    const from = status === 'renamed' || status === 'copied' ? next() : null;
    const [before, after] = [
      { mode: oldMode, id: oldId },
      { mode: newMode, id: newId },
    ];
    files.push({ before, after, status, from, path: next() });
  }
  return { files, counts: parts.slice(at) };
}

function storedAt(path: Buffer, { mode, id }: Stored): StoredFile | null {
  return mode === '000000' ? null : { path: path.toString(), id, isRepository: mode === '160000' };
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
