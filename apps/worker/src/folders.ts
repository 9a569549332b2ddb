// The worker's folders.
import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerFolders } from './context.js';
import { messageOf } from './error-facts.js';
import { StartError } from './start-error.js';

/** Where the folders of a worker are. `dir`: its own folder, absolute. */
export function foldersOf(dir: string): WorkerFolders {
  return {
    runs: join(dir, 'runs'),
    late: join(dir, 'late'),
    workspaces: join(dir, 'workspaces'),
    mirrors: join(dir, 'mirrors'),
    homes: join(dir, 'homes'),
  };
}

/**
 * Makes those that are missing.
 *
 * @throws StartError `dir_not_writable`
 */
export async function makeFolders(dir: string): Promise<WorkerFolders> {
  const folders = foldersOf(dir);
  try {
    for (const folder of [dir, ...Object.values<string>({ ...folders })])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(dir, constants.W_OK);
  } catch (error) {
    const hint = 'Name another folder with --dir, or mend the rights of this one.';
    throw new StartError('dir_not_writable', `The folder ${dir} cannot be used: ${messageOf(error)}.`, hint, {
      cause: error,
    });
  }
  return folders;
}

/**
 * Renews the file `last-heartbeat`, by whose time a health check tells that the worker works: it opens no port that could be asked.
 * The file says how long the longest pause to the next one is (in ms), which the orchestrator decides. That the disk is full is told
 * elsewhere.
 */
export async function noteHeartbeat(dir: string, pauseMs: number): Promise<void> {
  await writeFile(join(dir, 'last-heartbeat'), `${pauseMs}\n`, { mode: 0o600 }).catch(() => undefined);
}
