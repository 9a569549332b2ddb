import { describe, expect, it } from '@jest/globals';
import { parseFilter } from '@corch/contract';
import { readAddress, systemViews, termsOf, writeAddress } from './list-address.js';

describe('the address of the list', () => {
  it('keeps filter and sort, and nothing that is as usual', () => {
    const address = { filter: 'status:failed "flaky test"', sort: 'createdAt' } as const;
    expect(readAddress(writeAddress(address))).toEqual(address);
    expect(writeAddress(readAddress(new URLSearchParams())).toString()).toBe('');
    expect(readAddress(new URLSearchParams('sort=nonsense')).sort).toBe('-createdAt');
  });
});

describe('termsOf', () => {
  it('says what remains without each term', () => {
    expect(termsOf('status:failed  -label:deps "flaky test"')).toEqual([
      { words: 'status:failed', without: '-label:deps "flaky test"' },
      { words: '-label:deps', without: 'status:failed "flaky test"' },
      { words: '"flaky test"', without: 'status:failed -label:deps' },
    ]);
    expect(termsOf('')).toEqual([]);
  });
});

describe('the system views', () => {
  it('are valid filters', () => {
    for (const { filter } of systemViews) expect(parseFilter(filter).errors).toEqual([]);
  });
});
