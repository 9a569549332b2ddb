import { describe, expect, it } from '@jest/globals';
import { samplePatch } from '../testing/sample-events.js';
import { parsePatch, startsFolded } from './patch.js';

describe('parsePatch', () => {
  it('reads files with their change, counts and numbered lines', () => {
    const files = parsePatch(samplePatch);
    expect(files.map(({ path, change, from, isBinary }) => ({ path, change, from, isBinary }))).toEqual([
      { path: 'src/sum.js', change: 'modified', from: null, isBinary: false },
      { path: 'docs/new name.md', change: 'renamed', from: 'docs/old name.md', isBinary: false },
      { path: 'logo.png', change: 'added', from: null, isBinary: true },
      { path: 'package-lock.json', change: 'modified', from: null, isBinary: false },
    ]);
    expect(files.map(({ additions, deletions }) => [additions, deletions])).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(files[0]?.hunks[0]?.lines).toEqual([
      { kind: 'context', text: 'export function sum(a, b) {', before: 1, after: 1 },
      { kind: 'del', text: '  return a - b;', before: 2, after: null },
      { kind: 'add', text: '  return a + b;', before: null, after: 2 },
      { kind: 'context', text: '}', before: 3, after: 3 },
    ]);
    // What follows the counted lines of a hunk is no part of it.
    expect(files[3]?.hunks[0]?.lines.map(({ kind }) => kind)).toEqual(['context', 'del', 'add']);
    expect(files[1]?.hunks[0]?.lines.at(-1)).toMatchObject({ kind: 'note', text: 'No newline at end of file' });
  });

  it('takes changed lines that look like headers for what they are', () => {
    const patch = [
      'diff --git a/notes b/notes',
      'index 1..2 100644',
      '--- a/notes',
      '+++ b/notes',
      '@@ -1,2 +1,2 @@',
      '--- a/old header',
      '+++ b/new header',
      ' diff --git a/x b/x',
      '',
    ].join('\n');
    const files = parsePatch(patch);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ path: 'notes', additions: 1, deletions: 1 });
  });

  it('reads added, deleted, mode-only, empty and quoted files', () => {
    const patch = [
      'diff --git a/new.txt b/new.txt',
      'new file mode 100644',
      'index 0..1',
      '--- /dev/null',
      '+++ b/new.txt',
      '@@ -0,0 +1 @@',
      '+one',
      'diff --git a/gone.txt b/gone.txt',
      'deleted file mode 100644',
      'index 1..0',
      '--- a/gone.txt',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-one',
      'diff --git a/run me.sh b/run me.sh',
      'old mode 100644',
      'new mode 100755',
      'diff --git a/empty b/empty',
      'new file mode 100644',
      'index 0..0',
      'diff --git "a/\\303\\244 \\"q\\".txt" "b/\\303\\244 \\"q\\".txt"',
      'index 1..2 100644',
      '--- "a/\\303\\244 \\"q\\".txt"',
      '+++ "b/\\303\\244 \\"q\\".txt"',
      '@@ -1 +1 @@',
      '-a',
      '+b',
      '',
    ].join('\n');
    expect(parsePatch(patch).map(({ path, change }) => [path, change])).toEqual([
      ['new.txt', 'added'],
      ['gone.txt', 'deleted'],
      ['run me.sh', 'mode'],
      ['empty', 'added'],
      ['ä "q".txt', 'modified'],
    ]);
  });

  it('skips the data of binary patches', () => {
    const patch = [
      'diff --git a/a.bin b/a.bin',
      'index 1..2 100644',
      'GIT binary patch',
      'literal 5',
      'McmZQzU|?imU|?WiU',
      '',
      'diff --git a/b b/b',
      'index 1..2 100644',
      '--- a/b',
      '+++ b/b',
      '@@ -1 +1 @@',
      '-a',
      '+b',
    ].join('\n');
    expect(parsePatch(patch).map(({ path, isBinary }) => [path, isBinary])).toEqual([
      ['a.bin', true],
      ['b', false],
    ]);
  });

  it('finds nothing in nothing', () => {
    expect(parsePatch('')).toEqual([]);
  });
});

describe('startsFolded', () => {
  it('folds lock files, generated files, binaries and large changes', () => {
    const [file] = parsePatch(samplePatch);
    if (file === undefined) throw new Error('the sample patch has a first file');
    expect(startsFolded(file)).toBe(false);
    expect(startsFolded({ ...file, path: 'web/pnpm-lock.yaml' })).toBe(true);
    expect(startsFolded({ ...file, path: 'app.min.js' })).toBe(true);
    expect(startsFolded({ ...file, isBinary: true })).toBe(true);
    expect(startsFolded({ ...file, additions: 501 })).toBe(true);
  });
});
