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
    ['https://elsewhere.example/', '/tasks'],
    ['//elsewhere.example/', '/tasks'],
    ['/\\elsewhere.example/', '/tasks'],
    ['/sign-in?next=/x', '/tasks'],
    ['javascript:alert(1)', '/tasks'],
  ])('lead from %s to %s', (next, address) => {
    expect(nextAddress(new URLSearchParams({ next }))).toBe(address);
  });
});
