import { describe, expect, it } from '@jest/globals';
import { extendRange, holds, rangeHash, rangeWords, readRange, type LineRange } from './line-range.js';

const range = (part: Partial<LineRange> = {}): LineRange => ({
  path: 'src/a b.ts',
  side: 'new',
  from: 4,
  to: 9,
  ...part,
});

describe('a range of lines', () => {
  it('goes into an address and comes back', () => {
    expect(rangeHash(range())).toBe('#L4-9:src/a%20b.ts');
    for (const one of [range(), range({ side: 'old', to: 4 }), range({ path: 'ä:#?.ts' })]) {
      expect(readRange(new URL(rangeHash(one), 'http://x/').hash)).toEqual(one);
    }
    expect(readRange('#L9-4:x')).toEqual({ path: 'x', side: 'new', from: 4, to: 9 });
  });

  it('is none where the address points elsewhere', () => {
    for (const hash of ['', '#ev-4', '#file-2', '#L4', '#L:x', '#L4:%E0%A4%A']) expect(readRange(hash)).toBeNull();
  });

  it('is extended within a file and side', () => {
    expect(extendRange(range(), range({ from: 12, to: 12 }))).toEqual(range({ to: 12 }));
    expect(extendRange(range(), range({ from: 2, to: 2 }))).toEqual(range({ from: 2 }));
    expect(extendRange(range(), range({ side: 'old', from: 2, to: 2 }))).toEqual(
      range({ side: 'old', from: 2, to: 2 }),
    );
    expect(extendRange(null, range({ from: 2, to: 2 }))).toEqual(range({ from: 2, to: 2 }));
  });

  it('holds lines of its side', () => {
    expect(holds(range(), 'new', 9)).toBe(true);
    expect(holds(range(), 'old', 9)).toBe(false);
    expect(holds(range(), 'new', 10)).toBe(false);
    expect(holds(null, 'new', 9)).toBe(false);
  });

  it('says itself', () => {
    expect(rangeWords(range())).toBe('lines 4 to 9');
    expect(rangeWords(range({ to: 4 }))).toBe('line 4');
  });
});
