import { lstat, mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { oneLine } from './format/text.js';

/**
 * Writes a file that comes from elsewhere below a folder, and nowhere else: no `..`, no absolute path, through no link.
 *
 * @param path relative, with `/` between its parts
 * @returns where the file lies
 * @throws {CliError} when the path leads elsewhere, or something is there and `force` is not set
 */
export async function writeBelow(folder: string, path: string, bytes: Uint8Array, force: boolean): Promise<string> {
  const parts = path.split('/');
  const isClean = parts.every(
    (part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]|^[A-Za-z]:/.test(part),
  );
  if (!isClean) throw refused(path, 'leads out of the folder', 'Nothing was written there.');
  await mkdir(folder, { recursive: true });
  let place = folder;
  for (const part of parts.slice(0, -1)) {
    place = join(place, part);
    await mkdir(place).catch(async (error: unknown) => {
      if ((await lstat(place).catch(() => null))?.isDirectory()) return;
      if (codeOf(error) !== 'EEXIST') throw error;
      throw refused(path, `needs the folder ${place}, and there is a link or file of that name`, 'Move that away.');
    });
  }
  const file = join(place, parts.at(-1) ?? '');
  if (force) await unlink(file).catch((error: unknown) => demandGone(error));
  try {
    // `wx` writes through no link either.
    await writeFile(file, bytes, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw refused(path, 'is there already', 'Add --force to replace it, or choose another folder with --output.');
  }
  return file;
}

function demandGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function refused(path: string, why: string, hint: string): CliError {
  return new CliError(exitCodes.invalid, `The file ${oneLine(path)} ${why}.`, hint);
}
