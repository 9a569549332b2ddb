import { describe, expect, it } from '@jest/globals';
import { parsePatch } from './patch.js';
import { withoutSpaceChanges, wordParts } from './word-diff.js';

const line = (marked: string) => {
  const kinds = { '-': 'del', '+': 'add', ' ': 'context', '\\': 'note' } as const;
  return { kind: kinds[marked[0] as keyof typeof kinds], text: marked.slice(1) };
};

/** `a [b] c`: the changed parts in brackets. */
function marked(...written: string[]): string[] {
  const lines = written.map(line);
  const parts = wordParts(lines);
  return lines.map(
    (one) =>
      parts
        .get(one)
        ?.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text))
        .join('') ?? one.text,
  );
}

describe('wordParts', () => {
  it('marks the words that differ, on both sides', () => {
    expect(marked('-  return a - b;', '+  return a + b;')).toEqual(['  return a [-] b;', '  return a [+] b;']);
  });

  it('holds each removed line against the added one of the same place', () => {
    expect(marked('-one two', '-three four', '+one 2', '+three 4', '+five')).toEqual([
      'one [two]',
      'three [four]',
      'one [2]',
      'three [4]',
      'five',
    ]);
  });

  it('leaves lines alone that have nothing in common, are only added or removed, or are very long', () => {
    expect(marked('-alpha', '+omega')).toEqual(['alpha', 'omega']);
    expect(marked('-gone', ' kept', '+new')).toEqual(['gone', 'kept', 'new']);
    const long = 'x '.repeat(2000);
    expect(marked(`-${long}a`, `+${long}b`)).toEqual([`${long}a`, `${long}b`]);
  });
});

describe('withoutSpaceChanges', () => {
  const patch = parsePatch(
    [
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -4,4 +4,5 @@',
      '-if (a) {',
      '-b();',
      '-c();',
      '+if (a) {',
      '+  if (d) {',
      '+  b();',
      '+  e();',
      ' }',
      '',
    ].join('\n'),
  );
  const lines = patch[0]!.hunks[0]!.lines;

  it('shows lines that were only indented as unchanged, with the numbers of both sides', () => {
    const merged = withoutSpaceChanges(lines, (before, after) => ({
      ...after,
      kind: 'context',
      before: before.before,
    }));
    expect(merged).toEqual([
      { kind: 'context', text: 'if (a) {', before: 4, after: 4 },
      { kind: 'add', text: '  if (d) {', before: null, after: 5 },
      { kind: 'context', text: '  b();', before: 5, after: 6 },
      { kind: 'del', text: 'c();', before: 6, after: null },
      { kind: 'add', text: '  e();', before: null, after: 7 },
      { kind: 'context', text: '}', before: 7, after: 8 },
    ]);
  });
});
