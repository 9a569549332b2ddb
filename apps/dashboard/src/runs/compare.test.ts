import { describe, expect, it } from '@jest/globals';
import { makeRun } from '../testing/make.js';
import { compareFiles, compareSearch, compareWords, readPair, readPart } from './compare.js';
import { parsePatch } from './patch.js';

const runs = [1, 2, 3].map((attempt) => makeRun(attempt, { attempt }));
const [first, second] = runs;
const pairOf = (text: string) => readPair(new URLSearchParams(text), runs)?.map(({ attempt }) => attempt) ?? null;

/** A patch of files, each with one added line somewhere. */
const patch = (files: Record<string, string>, at = 1) =>
  parsePatch(
    Object.entries(files)
      .map(
        ([path, line]) =>
          `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${at},0 +${at},1 @@\n+${line}\n`,
      )
      .join(''),
  );

describe('two runs side by side', () => {
  it('are named by the address', () => {
    expect(pairOf(compareSearch(3, 1, 'answer'))).toEqual([3, 1]);
    expect(readPart(new URLSearchParams(compareSearch(3, 1, 'answer')))).toBe('answer');
    expect(readPart(new URLSearchParams('show=nonsense'))).toBe('changes');
    for (const wrong of ['', 'compare=1', 'compare=1,1', 'compare=1,9', 'compare=x,y'])
      expect(pairOf(wrong)).toBeNull();
  });

  it('differ by file, wherever in it the lines stand', () => {
    const left = patch({ a: 'x', b: 'x', c: 'x' });
    const right = patch({ a: 'x', b: 'y', d: 'x' }, 7);
    const sides = [compareFiles(left, right), compareFiles(right, left)] as const;
    expect([...sides[0]]).toEqual([
      ['a', 'same'],
      ['b', 'different'],
      ['c', 'alone'],
    ]);
    expect(compareWords(sides, [first!, second!])).toBe(
      '1 file the same in both, 1 changed differently, 1 only in run 1, 1 only in run 2.',
    );
    expect(compareWords([new Map(), new Map()], [first!, second!])).toBe('Neither run changed a file.');
  });

  it('say nothing about binary files', () => {
    const image = parsePatch('diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n');
    expect([...compareFiles(image, image).values()]).toEqual(['different']);
  });
});
