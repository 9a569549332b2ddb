import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockFolder } from './folder-lock.js';

describe('lockFolder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'corch-lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const leaveDeadLock = () => writeFile(join(dir, 'worker.lock'), JSON.stringify({ pid: 4_000_000, start: '1' }));

  it('is refused while a live process has it, and free again afterwards', async () => {
    const unlock = await lockFolder(dir);
    await expect(lockFolder(dir)).rejects.toMatchObject({ code: 'dir_in_use' });
    await unlock();
    await (
      await lockFolder(dir)
    )();
    expect(await readdir(dir)).toEqual([]);
  });

  it('is given to one of many that find a dead lock at once', async () => {
    // Who wins depends on the moment, so many times.
    for (let round = 0; round < 40; round++) {
      await leaveDeadLock();
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(dir)));
      const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.();
    }
  });

  it('is not kept from anybody by a process that died while it took a dead lock over', async () => {
    await leaveDeadLock();
    const guard = join(dir, 'worker.lock.takeover');
    await mkdir(guard);
    await utimes(guard, 1, 1);
    await (
      await lockFolder(dir)
    )();
  });
});
