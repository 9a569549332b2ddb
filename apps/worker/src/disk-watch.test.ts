import { describe, expect, it } from '@jest/globals';
import { diskTrouble } from './disk-watch.js';

describe('diskTrouble', () => {
  it('says what is missing and what to do', () => {
    expect(diskTrouble('/data', 400_000_000, 1_000_000_000, false)).toBe(
      'The disk of /data is nearly full: 400 MB free, 1000 MB needed. Make room (`corch worker gc`), or change WORKER_MIN_FREE_MB.',
    );
    expect(diskTrouble('/data', 1_000_000_000, 1_000_000_000, false)).toBeNull();
  });

  it('wants some more room before it is well again', () => {
    expect(diskTrouble('/data', 1_050_000_000, 1_000_000_000, true)).not.toBeNull();
    expect(diskTrouble('/data', 1_100_000_000, 1_000_000_000, true)).toBeNull();
  });

  it('can be switched off', () => {
    expect(diskTrouble('/data', 0, 0, false)).toBeNull();
  });
});
