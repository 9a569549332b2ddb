// One worker per folder: two would end each other's processes as leftovers.
import { join } from 'node:path';
import { messageOf } from './error-facts.js';
import { tryLock } from './process-lock.js';
import { StartError } from './start-error.js';

/**
 * Takes the lock; returns how to give it back.
 *
 * @throws StartError `dir_in_use` when another live worker has it
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'worker.lock');
  const { release, owner } = await tryLock(path).catch((error: unknown) => {
    const hint = `Check the rights of ${dir}, remove ${path} and start again.`;
    throw new StartError('dir_in_use', `The lock of ${dir} cannot be taken (${messageOf(error)}).`, hint, {
      cause: error,
    });
  });
  if (release !== undefined) return release;
  throw new StartError(
    'dir_in_use',
    `The folder ${dir} is used by another worker (process ${owner.pid}).`,
    'Stop that worker, or give this one a folder of its own with --dir.',
  );
}
