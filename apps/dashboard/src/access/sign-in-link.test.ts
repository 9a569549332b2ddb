import { describe, expect, it } from '@jest/globals';
import { linkToken, nextAddress } from './sign-in-link.js';

describe('sign-in addresses', () => {
  it('carry the token in the fragment', () => {
    expect(linkToken('#link=corch_link_a-b_c')).toBe('corch_link_a-b_c');
    expect(linkToken('#other=1')).toBeNull();
    expect(linkToken('')).toBeNull();
  });

  it.each([
    ['/tasks/task_1?tab=runs#ev-3', '/tasks/task_1?tab=runs#ev-3'],
    ['https://elsewhere.example/', '/'],
    ['//elsewhere.example/', '/'],
    ['/\\elsewhere.example/', '/'],
    ['/sign-in?next=/x', '/'],
    ['javascript:alert(1)', '/'],
  ])('lead from %s to %s', (next, address) => {
    expect(nextAddress(new URLSearchParams({ next }))).toBe(address);
  });
});
