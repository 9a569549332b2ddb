import { describe, expect, it } from '@jest/globals';
import { costText, statText } from './facts.js';
import { daysText, sizeLimitText } from './limits.js';
import { patchFiles } from './patch.js';
import { cut, oneLine } from './text.js';
import { clock, elapsed, relativeTime } from './time.js';

describe('time', () => {
  const now = Date.UTC(2026, 0, 10);
  it.each([
    [0, 'now'],
    [-5, '5 s ago'],
    [-180, '3 min ago'],
    [-7200, '2 h ago'],
    [-90_000, '1 d ago'],
    [120, 'in 2 min'],
  ])('%i s away is %s', (seconds, words) => {
    expect(relativeTime(new Date(now + seconds * 1000).toISOString(), now)).toBe(words);
  });

  it('counts like a clock', () => {
    expect([0, 4000, 751_000, 3_729_000].map(clock)).toEqual(['0:00', '0:04', '12:31', '1:02:09']);
    expect(elapsed('2026-01-09T23:59:00.000Z', null, now)).toBe('1:00');
    expect(elapsed(null, null, now)).toBeUndefined();
  });
});

describe('limits', () => {
  it('are as their flags take them', () => {
    expect([null, 1, 90].map(daysText)).toEqual(['none', '1d', '90d']);
    expect([null, 1, 1500, 20_000, 3_000_000].map(sizeLimitText)).toEqual(['none', '1MB', '1500MB', '20GB', '3TB']);
  });
});

describe('text', () => {
  it('is one line without escapes, and no longer than asked', () => {
    expect(oneLine(' a\r\n\tb \u001b[31mc\u001b[0m')).toBe('a b c');
    expect([cut('abcdef', 4), cut('abc', 4), cut('😀😀😀', 2)]).toEqual(['abc…', 'abc', '😀…']);
  });
});

describe('facts', () => {
  it('say that a cost is an estimate, and that a demo is not billed', () => {
    const cost = { amount: '0.0123', currency: 'USD', basis: 'estimate' } as const;
    expect(costText(cost)).toBe('est. $0.0123');
    expect(costText({ ...cost, amount: '12.345' })).toBe('est. $12.35');
    expect(costText({ ...cost, basis: 'invoice', amount: '1' })).toBe('$1.00');
    expect(costText(cost, true)).toBe('est. $0.0123 (demo, not billed)');
    expect(costText(null)).toBeUndefined();
  });

  it('name changes', () => {
    expect(statText({ files: 0, additions: 0, deletions: 0 })).toBe('no changes');
    expect(statText({ files: 2, additions: 1, deletions: 3 })).toBe('+1 −3 in 2 files');
  });
});

describe('patchFiles', () => {
  it('counts lines by file, and is not fooled by what they hold', () => {
    const patch = [
      'diff --git a/a.txt b/a.txt',
      '--- a/a.txt',
      '+++ b/a.txt',
      '@@ -1,3 +1,3 @@',
      ' same',
      '--- a/removed: looks like a header',
      '-diff --git a/x b/x',
      '+++ b/added: looks like a header',
      '+two',
      '\\ No newline at end of file',
      'diff --git a/img.png b/img.png',
      'new file mode 100644',
      'GIT binary patch',
      'literal 3',
      'diff --git "a/caf\\303\\251.txt" "b/caf\\303\\251.txt"',
      '--- "a/caf\\303\\251.txt"',
      '+++ "b/caf\\303\\251.txt"',
      '@@ -0,0 +1 @@',
      '+x',
      'diff --git a/old name b/a/newer name',
      'similarity index 90%',
      'rename from old name',
      'rename to a/newer name',
      '--- a/old name',
      '+++ b/a/newer name',
      '@@ -1 +1 @@',
      '-x',
      '+y',
      '',
    ].join('\n');
    expect(patchFiles(patch)).toEqual([
      { path: 'a.txt', additions: 2, deletions: 2, binary: false },
      { path: 'img.png', additions: 0, deletions: 0, binary: true },
      { path: 'café.txt', additions: 1, deletions: 0, binary: false },
      { path: 'a/newer name', from: 'old name', additions: 1, deletions: 1, binary: false },
    ]);
    expect(patchFiles('')).toEqual([]);
  });
});
