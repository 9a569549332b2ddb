import { describe, expect, it } from '@jest/globals';
import { parsePatch } from './patch.js';
import { splitRows } from './split-rows.js';

function rowsOf(body: string[]) {
  const before = body.filter((line) => /^[ -]/.test(line)).length;
  const after = body.filter((line) => /^[ +]/.test(line)).length;
  const head = ['diff --git a/f b/f', '--- a/f', '+++ b/f', `@@ -1,${before} +1,${after} @@`];
  const lines = parsePatch([...head, ...body].join('\n'))[0]?.hunks[0]?.lines ?? [];
  return splitRows(lines).map(({ left, right }) => [left?.text ?? null, right?.text ?? null]);
}

describe('splitRows', () => {
  it('puts what was removed beside what was added', () => {
    expect(rowsOf([' a', '-b', '-c', '+B', ' d', '+e'])).toEqual([
      ['a', 'a'],
      ['b', 'B'],
      ['c', null],
      ['d', 'd'],
      [null, 'e'],
    ]);
  });

  it('keeps two changes apart, and notes at their side', () => {
    expect(rowsOf(['-a', '+A', '-b', '\\ No newline at end of file', '+B'])).toEqual([
      ['a', 'A'],
      ['b', 'B'],
      ['No newline at end of file', null],
    ]);
  });
});
