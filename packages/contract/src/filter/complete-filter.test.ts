import { describe, expect, it } from '@jest/globals';
import { completeFilter, type KnownValues } from './complete-filter.js';

/** Completes at the `|`. */
function complete(marked: string, known?: KnownValues) {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, candidates } = completeFilter(text, cursor, known);
  return { typed: text.slice(from, to), inserts: candidates.map(({ insert }) => insert) };
}

describe('completeFilter', () => {
  it('offers keys', () => {
    expect(complete('|').inserts).toContain('status:');
    expect(complete('status:failed |').inserts).toContain('repo:');
    expect(complete('st|')).toEqual({ typed: 'st', inserts: ['status:'] });
    expect(complete('-r|')).toEqual({ typed: 'r', inserts: ['reason:', 'repo:', 'ref:', 'runs:'] });
    expect(complete('sta|tus:failed')).toEqual({ typed: 'status:', inserts: ['status:'] });
    expect(complete('"st|')).toEqual({ typed: '"st', inserts: [] });
  });

  it('offers the values of a key, those that begin so first, none twice', () => {
    expect(complete('needs:|').inserts).toEqual(['approval', 'answer']);
    expect(complete('status:failed,ed|').inserts).toEqual(
      ['scheduled', 'blocked', 'queued', 'succeeded', 'cancelled', 'timed_out'].filter((s) => s.includes('ed')),
    );
    expect(complete('status:f|').inserts[0]).toBe('failed');
    expect(complete('status:failed,f|').inserts).not.toContain('failed');
    expect(complete('nokey:x|').inserts).toEqual([]);
  });

  it('offers what the caller knows', () => {
    const known = { pool: ['default', 'gpu'], label: ['team=core'], title: ['a b'] };
    expect(complete('pool:g|', known)).toEqual({ typed: 'g', inserts: ['gpu'] });
    expect(complete('label:core|', known).inserts).toEqual(['team=core']);
    expect(complete('title:|', known).inserts).toEqual(['"a b"']);
    expect(complete('repo:|', known).inserts).toEqual([]);
  });
});
