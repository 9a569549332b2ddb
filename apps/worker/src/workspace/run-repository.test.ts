import { describe, expect, it } from '@jest/globals';
import { filterFailed } from './run-repository.js';

describe('filterFailed', () => {
  it.each([
    ["error: external filter 'git-lfs filter-process' failed\nfatal: large.bin: smudge filter lfs failed\n"],
    ["error: external filter 'big %f' failed 1\nfatal: a b.bin: smudge filter big failed\n"],
    ["error: cannot fork to run external filter 'big'\n"],
    ["Downloading large.bin\nerror: read from external filter 'big' failed\n"],
  ])('is told by git itself: %j', (said) => {
    expect(filterFailed.test(said)).toBe(true);
  });

  it.each([
    ['error: unable to create file src/filter/a.ts: Permission denied\n'],
    ['error: unable to read sha1 file of filter (0123)\n'],
    ["error: unable to create file the external filter 'big' failed: File name too long\n"],
    ["fatal: unable to write new index file for 'a smudge filter failed'\n"],
  ])('is not the name of a file: %j', (said) => {
    expect(filterFailed.test(said)).toBe(false);
  });
});
