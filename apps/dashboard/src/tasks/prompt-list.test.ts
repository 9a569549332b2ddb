import { describe, expect, it } from '@jest/globals';
import { listItems, listOf } from './prompt-list.js';

describe('listItems', () => {
  it('finds the points of a list', () => {
    expect(listItems('- Fix the test\n\n* Bump node\n 2. Write docs\n- [ ] Check the box')).toEqual([
      'Fix the test',
      'Bump node',
      'Write docs',
      'Check the box',
    ]);
  });

  it('writes points as a list that it finds again', () => {
    expect(listItems(listOf(['Fix the test', 'Bump node']))).toEqual(['Fix the test', 'Bump node']);
    expect(listOf(['Fix the test'])).toBe('Fix the test');
  });

  it('leaves everything else alone', () => {
    expect(listItems('Do this:\n- a\n- b')).toEqual([]);
    expect(listItems('- only one')).toEqual([]);
    expect(listItems('Fix the test')).toEqual([]);
    expect(listItems('')).toEqual([]);
  });
});
