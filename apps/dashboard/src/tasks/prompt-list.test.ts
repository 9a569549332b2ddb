import { describe, expect, it } from '@jest/globals';
import { listItems } from './prompt-list.js';

describe('listItems', () => {
  it('finds the points of a list', () => {
    expect(listItems('- Fix the test\n\n* Bump node\n 2. Write docs\n- [ ] Check the box')).toEqual([
      'Fix the test',
      'Bump node',
      'Write docs',
      'Check the box',
    ]);
  });

  it('leaves everything else alone', () => {
    expect(listItems('Do this:\n- a\n- b')).toEqual([]);
    expect(listItems('- only one')).toEqual([]);
    expect(listItems('Fix the test')).toEqual([]);
    expect(listItems('')).toEqual([]);
  });
});
