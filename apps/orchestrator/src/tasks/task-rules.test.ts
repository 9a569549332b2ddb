import { describe, expect, it } from '@jest/globals';
import type { RepositorySource } from '@corch/contract';
import fc from 'fast-check';
import { displayTitle, pageOf, promptPreview, requirementsOf, searchText } from './task-rules.js';
import type { ListCursor } from '../common/list-cursor.js';

describe('displayTitle', () => {
  it.each([
    [{ title: 'Given', prompt: 'Other' }, 'Given'],
    [{ prompt: '\n\n  Fix   the\tparser \nand more' }, 'Fix the parser'],
    [{ prompt: '[[edit-files]] Change the readme' }, 'Change the readme'],
    [{ prompt: '[[edit-files]]\nChange the readme' }, 'Change the readme'],
    [{ prompt: '[[edit-files]]' }, '[[edit-files]]'],
    [{ command: ['npm', 'run', 'a b', "it's"] }, `npm run 'a b' 'it'\\''s'`],
    [{ prompt: 'x'.repeat(100) }, `${'x'.repeat(79)}…`],
  ])('%j is %j', (asked, title) => {
    expect(displayTitle(asked)).toBe(title);
  });

  it('never cuts a character in half and is never empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (prompt) => {
        fc.pre(prompt.trim() !== '');
        const title = displayTitle({ prompt });
        expect(title).not.toBe('');
        expect([...title].length).toBeLessThanOrEqual(80);
        expect(encodeURIComponent(title)).not.toBe('');
      }),
    );
  });
});

describe('promptPreview', () => {
  it('is the start of the prompt, or the command line', () => {
    expect(promptPreview({ prompt: 'a'.repeat(500) })).toHaveLength(200);
    expect(promptPreview({ command: ['ls', '-l'] })).toBe('ls -l');
  });
});

describe('searchText', () => {
  it('holds title and prompt in lower case', () => {
    expect(searchText('Über', { prompt: 'Fix THE parser' })).toBe('über\nfix the parser');
  });
});

describe('requirementsOf', () => {
  it('pins a path to its machine', () => {
    const of = (requirements: string[], repository: RepositorySource) =>
      requirementsOf({ requirements, repository }, 'here');
    expect(of(['gpu'], { path: '/code' })).toEqual(['gpu', 'host=here']);
    expect(of([], { path: '/code', host: 'there' })).toEqual(['host=there']);
    expect(of(['host=here'], { path: '/code' })).toEqual(['host=here']);
    expect(of([], { url: 'https://example.org/x.git' })).toEqual([]);
  });

  it('leaves what has commands of its own to workers that run them', () => {
    for (const steps of [{ setup: [['a']] }, { checks: ['a'] }, { teardown: ['a'] }]) {
      expect(requirementsOf({ requirements: [], ...steps }, 'here')).toEqual(['commands']);
    }
    expect(requirementsOf({ requirements: [], checks: [] }, 'here')).toEqual([]);
  });
});

describe('pageOf', () => {
  const place = (createdAt: number, id: string) => ({ createdAt, id });
  const found = [place(2, 'b'), place(1, 'a'), place(2, 'c'), place(3, 'd')];
  const ids = (...how: [sort: ListCursor['sort'], after: ListCursor | null, limit: number]) =>
    pageOf(found, ...how).map(({ id }) => id);

  it('goes on behind the cursor, in the order of the list', () => {
    expect(ids('-createdAt', null, 2)).toEqual(['d', 'c']);
    expect(ids('-createdAt', { sort: '-createdAt', createdAt: 2, id: 'c' }, 2)).toEqual(['b', 'a']);
    expect(ids('createdAt', { sort: 'createdAt', createdAt: 2, id: 'b' }, 9)).toEqual(['c', 'd']);
  });
});
