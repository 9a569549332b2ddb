import { describe, expect, it } from '@jest/globals';
import { isInstance, isLive, newInstance } from './instance.js';

describe('an instance', () => {
  it('is unlike any other of the same process, and lives with it', () => {
    const [one, other] = [newInstance(), newInstance()];
    expect(one).not.toBe(other);
    expect(isInstance(one)).toBe(true);
    if (process.platform === 'linux') expect(isLive(one)).toBe(true);
  });

  it('is dead when its process is gone, or another has its id', () => {
    expect(isLive('4194305-1-00000000')).toBe(false);
    expect(isLive(`${process.pid}-1-00000000`)).toBe(false);
  });

  it.each(['run_01', '', '1-2-3', '../1-2-00000000'])('%j is none', (name) => expect(isInstance(name)).toBe(false));
});
