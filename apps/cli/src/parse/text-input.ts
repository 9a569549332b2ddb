import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';

/** What is read at most; the rules of the contract are stricter and speak clearer, this only bounds memory. */
const maxBytes = 16_000_000;

/** The offset of the first byte that is no UTF-8, or −1. */
export function invalidUtf8At(bytes: Uint8Array): number {
  const fits = (end: number) => {
    try {
      // As a stream: a character that is only cut off is no error yet.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  if (!fits(bytes.length)) {
    let good = 0;
    let bad = bytes.length;
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (fits(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }
  // What is left is a character that the end of the text cuts off: it began at the last byte that starts one.
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return -1;
  } catch {
    let start = bytes.length - 1;
    while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
    return start;
  }
}

/** Text from bytes, strictly. A byte order mark is dropped. @throws {CliError} naming the first byte that is wrong */
export function decodeText(bytes: Uint8Array, from: string): string {
  const wrong = invalidUtf8At(bytes);
  if (wrong >= 0) {
    const byte = (bytes[wrong] ?? 0).toString(16).padStart(2, '0');
    throw new CliError(
      exitCodes.invalid,
      `${from} is not UTF-8: the byte 0x${byte} at offset ${wrong} belongs to no character.`,
      'Convert it, for example with `iconv -f latin1 -t utf-8`.',
    );
  }
  return new TextDecoder().decode(bytes);
}

/** The text of a file, or of stdin for `-`. @throws {CliError} when it cannot be read or is no UTF-8 */
export async function readText(path: string, cwd: string, stdin: Readable): Promise<string> {
  if (path === '-') return decodeText(await readAll(stdin), 'What came from stdin');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(resolve(cwd, path));
  } catch (error) {
    throw new CliError(
      exitCodes.invalid,
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`,
      'Check the path.',
      { cause: error },
    );
  }
  return decodeText(bytes, path);
}

async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxBytes) {
      throw new CliError(
        exitCodes.invalid,
        `More than ${maxBytes / 1_000_000} MB came from stdin.`,
        'Put long texts into a file of the repository and name it in the prompt.',
      );
    }
  }
  return Buffer.concat(chunks);
}

/** Words of the command line. Node turns bytes that are no UTF-8 into U+FFFD, so the loss shows. @throws {CliError} */
export function checkArgument(
  text: string,
  what: string,
  hint = 'Type it in UTF-8; `locale` says what your terminal uses.',
): string {
  if (text.includes('\ufffd')) {
    throw new CliError(
      exitCodes.invalid,
      `${what} on the command line is not UTF-8 (or holds U+FFFD, which cannot be told from it).`,
      hint,
    );
  }
  return text;
}
