import { describe, expect, it } from '@jest/globals';
import { matchKey } from './keyboard.js';

const bindings = ['c', 'g t', 'g w', '?'];

describe('matchKey', () => {
  it('completes single keys and sequences', () => {
    expect(matchKey(bindings, null, 'c', 0).binding).toBe('c');
    const { binding, pending } = matchKey(bindings, null, 'g', 0);
    expect(binding).toBeNull();
    expect(matchKey(bindings, pending, 't', 500)).toEqual({ binding: 'g t', pending: null });
  });

  it('forgets the first key after a while and after another key', () => {
    const { pending } = matchKey(bindings, null, 'g', 0);
    expect(matchKey(bindings, pending, 't', 2000).binding).toBeNull();
    expect(matchKey(bindings, pending, 'x', 100)).toEqual({ binding: null, pending: null });
    expect(matchKey(bindings, pending, 'c', 100).binding).toBe('c');
  });
});
