// Which folders of this machine a task may name.
import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { WorkspaceError } from './workspace-error.js';

/** Whether `path` is `folder` or lies below it. Both resolved. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * The real path behind `path`, when it lies below one of the allowed folders, links resolved on both sides.
 *
 * @throws WorkspaceError `refused` when it does not, `workspace_failed` when it does not exist
 */
export async function allowedPath(path: string, allow: readonly string[]): Promise<string> {
  const real = await realpath(path).catch((error: unknown) => {
    // Whether a path exists is told only below an allowed folder.
    if (!allow.some((folder) => isBelow(path, folder))) throw notAllowed(path);
    throw new WorkspaceError(
      'workspace_failed',
      `The repository ${path} does not exist on this worker. Check the path.`,
      {
        cause: error,
      },
    );
  });
  const folders = await Promise.all(allow.map((folder) => realpath(folder).catch(() => null)));
  if (!folders.some((folder) => folder !== null && isBelow(real, folder))) throw notAllowed(path);
  if (!(await stat(real)).isDirectory()) {
    throw new WorkspaceError(
      'workspace_failed',
      `${path} is a file, not a repository. Name the folder of the repository.`,
    );
  }
  return real;
}

function notAllowed(path: string): WorkspaceError {
  return new WorkspaceError(
    'refused',
    `This worker does not allow the repository ${path}. Start it with \`--allow ${path}\`, or with a folder above it.`,
  );
}
