import { describe, expect, it } from '@jest/globals';
import { costWords, repositoryWords } from './task-words.js';

describe('costWords', () => {
  it('always says that an estimate is one', () => {
    expect(costWords({ amount: '0.3812', basis: 'estimate' })).toBe('est. $0.38');
    expect(costWords({ amount: '0.004', basis: 'estimate' })).toBe('est. <$0.01');
    expect(costWords({ amount: '0', basis: 'estimate' })).toBe('est. $0.00');
    expect(costWords({ amount: '12', basis: 'invoice' })).toBe('$12.00');
  });
});

describe('repositoryWords', () => {
  it('is short and tells repositories apart', () => {
    expect(repositoryWords({ url: 'https://git.example.org/acme/api.git' })).toBe('acme/api');
    expect(repositoryWords({ url: 'git@git.example.org:acme/tools/api.git' })).toBe('tools/api');
    expect(repositoryWords({ path: '/srv/repos/site/' })).toBe('site');
    expect(repositoryWords({ path: 'C:\\src\\site' })).toBe('site');
    expect(repositoryWords({ path: '/' })).toBe('/');
  });
});
