// Where the system's own tools lie. Not by the worker's PATH: a folder of the user must not stand in for them.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

const places = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/run/current-system/sw/bin'];

/**
 * The absolute path of a tool.
 *
 * @throws Error that names it when it is nowhere
 */
export async function findTool(name: string): Promise<string> {
  for (const place of places) {
    const path = join(place, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error(`the program ${name} was not found`);
}
