import { describe, expect, it } from '@jest/globals';
import { judgeRedis } from './redis-rules.js';

describe('judgeRedis', () => {
  it.each([
    ['7.0.15', 'noeviction', undefined],
    ['6.2.0', 'noeviction', undefined],
    ['10.1.2', 'noeviction', undefined],
    ['6.0.16', 'noeviction', 'unfit'],
    ['5.0.3', 'noeviction', 'unfit'],
    ['7.0.15', 'allkeys-lru', 'unfit'],
    ['7.0.15', 'volatile-ttl', 'unfit'],
    ['7.0.15', undefined, 'unknown'],
    [undefined, undefined, 'unknown'],
    [undefined, 'allkeys-lfu', 'unfit'],
  ])('version %s with policy %s', (version, policy, kind) => {
    expect(judgeRedis({ version, policy })?.kind).toBe(kind);
  });

  it('says what to do', () => {
    const finding = judgeRedis({ version: '7.0.15', policy: 'allkeys-lru' });
    expect(finding?.message).toContain('maxmemory-policy allkeys-lru');
    expect(finding?.hint).toContain('noeviction');
  });
});
