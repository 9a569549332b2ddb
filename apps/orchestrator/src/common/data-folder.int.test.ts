import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataFolder } from './data-folder.js';

describe('openDataFolder', () => {
  let parent: string;
  let dir: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'corch-folder-'));
    dir = join(parent, 'deep', 'data');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const lockFile = () => join(dir, 'orchestrator.lock');

  it('makes the folder for its owner only, and leaves nothing behind but what is kept', async () => {
    const folder = await openDataFolder(dir);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(dir)).toEqual(['orchestrator.lock']);
    await folder.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('is refused while another process has it', async () => {
    const folder = await openDataFolder(dir);
    await expect(openDataFolder(dir)).rejects.toMatchObject({
      code: 'data_in_use',
      message: expect.stringContaining(String(process.pid)),
    });
    await folder.release();
    await (await openDataFolder(dir)).release();
  });

  it('takes the lock of a dead process over, and of one that only has the number of a dead one', async () => {
    await (await openDataFolder(dir)).release();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeFile(lockFile(), JSON.stringify({ pid: child.pid, startedAt: '' }));
    await (await openDataFolder(dir)).release();

    await writeFile(lockFile(), JSON.stringify({ pid: process.pid, startedAt: 'another boot 1' }));
    await (await openDataFolder(dir)).release();

    await writeFile(lockFile(), 'half a lo');
    await (await openDataFolder(dir)).release();
  });

  it('is given to one of many that find a dead lock at once', async () => {
    await (await openDataFolder(dir)).release();
    // Who wins depends on the moment, so many times.
    for (let round = 0; round < 40; round++) {
      await writeFile(lockFile(), JSON.stringify({ pid: 4_000_000, startedAt: '' }));
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => openDataFolder(dir)));
      const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(won).toHaveLength(1);
      for (const attempt of attempts) {
        if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'data_in_use' });
      }
      expect(await readdir(dir)).toEqual(['orchestrator.lock']);
      await won[0]?.release();
    }
  });

  it('is not kept from anybody by a process that died while it took a dead lock over', async () => {
    await (await openDataFolder(dir)).release();
    await writeFile(lockFile(), JSON.stringify({ pid: 4_000_000, startedAt: '' }));
    const guard = `${lockFile()}.takeover`;
    await mkdir(guard);
    await utimes(guard, 1, 1);
    await (await openDataFolder(dir)).release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('says of a folder that cannot be one what to do', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(openDataFolder(join(parent, 'file'))).rejects.toMatchObject({
      code: 'data_not_writable',
      hint: expect.stringContaining('DATA_DIR'),
    });
    await expect(openDataFolder(join(parent, 'file', 'below'))).rejects.toMatchObject({ code: 'data_not_writable' });
    await expect(openDataFolder('/proc/nothing')).rejects.toMatchObject({ code: 'data_not_writable' });
  });
});
