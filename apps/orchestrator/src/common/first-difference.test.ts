import { describe, expect, it } from '@jest/globals';
import { firstDifference } from './first-difference.js';

describe('firstDifference', () => {
  it('is null for the same text', () => {
    expect(firstDifference('a\nb\n', 'a\nb\n')).toBeNull();
  });

  it('shows the first line that differs', () => {
    expect(firstDifference('a\nb\nc', 'a\nX\nc')).toBe('line 2:\n- b\n+ X');
  });

  it('shows what is missing at the end', () => {
    expect(firstDifference('a\nb', 'a')).toBe('line 2:\n- b\n+ (end)');
    expect(firstDifference('a', 'a\nb')).toBe('line 2:\n- (end)\n+ b');
  });
});
