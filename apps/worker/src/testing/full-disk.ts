// A disk without room, for whatever appends to files or writes them through handles in this process.
import { jest } from '@jest/globals';
import { open, type FileHandle } from 'node:fs/promises';

export interface FullDisk {
  isFull: boolean;
  restore(): void;
}

/** Makes `isFull` decide whether there is room. Begins with room. */
export async function pretendDisk(): Promise<FullDisk> {
  const disk: FullDisk = { isFull: false, restore: () => undefined };
  const handle = await open('/dev/null', 'r');
  await handle.close();
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  const spies = (['appendFile', 'writeFile'] as const).map((name) => {
    const real = prototype[name];
    return jest.spyOn(prototype, name).mockImplementation(function (this: FileHandle, ...args) {
      if (disk.isFull) return Promise.reject(noSpace());
      const done: Promise<void> = Reflect.apply(real, this, args);
      return done;
    });
  });
  disk.restore = () => spies.forEach((spy) => spy.mockRestore());
  return disk;
}

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
}
