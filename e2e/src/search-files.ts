import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * The files below `folder` that hold one of the texts, also inside gzip. Sockets and pipes hold nothing; a link is not followed.
 * What programs at work remove meanwhile (the folder of a run that ended) holds nothing either.
 */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  return unlessGone(() => readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesWith(path, texts);
    if (!entry.isFile()) return [];
    return unlessGone(() => [readFileSync(path)]).flatMap((bytes) =>
      texts.some((text) => bytes.includes(text) || unzipped(bytes).includes(text)) ? [path] : [],
    );
  });
}

/** What `read` gives; nothing when the file or folder is not there (any more). */
function unlessGone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** As it is, unless it is gzip. */
export function unzipped(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

/** The command lines of all processes that show one of the texts. */
export function argumentsWith(texts: readonly string[]): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
      return texts.some((text) => line.includes(text)) ? [line] : [];
    } catch {
      return [];
    }
  });
}
