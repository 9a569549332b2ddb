import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { keyIdOf, open, seal } from './seal.js';

const key = randomBytes(32);

describe('seal', () => {
  it('gives the text back in its place, and looks different each time', () => {
    const first = seal(key, 'repo_1/token', 'geheim €');
    expect(open(key, 'repo_1/token', first)).toBe('geheim €');
    expect(seal(key, 'repo_1/token', 'geheim €')).not.toBe(first);
  });

  it('opens with no other key, in no other place, and not when a bit was changed or cut off', () => {
    const sealed = seal(key, 'repo_1/token', 'geheim');
    expect(() => open(randomBytes(32), 'repo_1/token', sealed)).toThrow();
    expect(() => open(key, 'repo_2/token', sealed)).toThrow();
    const bytes = Buffer.from(sealed, 'base64');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(key, 'repo_1/token', changed.toString('base64'))).toThrow();
    }
    expect(() => open(key, 'repo_1/token', bytes.subarray(0, 20).toString('base64'))).toThrow();
  });

  it('knows keys apart by their ids', () => {
    expect(keyIdOf(key)).toMatch(/^[0-9a-f]{16}$/);
    expect(keyIdOf(randomBytes(32))).not.toBe(keyIdOf(key));
  });
});
