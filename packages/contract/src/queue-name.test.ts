import { describe, expect, it } from '@jest/globals';
import { RedisUrl } from './queue-name.js';

describe('RedisUrl', () => {
  it.each([
    'redis://redis.internal',
    'redis://127.0.0.1:6379/',
    'rediss://name:p%40ss%3Aword@redis.internal:6380/3',
    'redis://:secret@[::1]:6379?family=6',
  ])('takes %s', (url) => expect(RedisUrl.parse(url)).toBe(url));

  it.each([
    'http://redis.internal',
    'redis://',
    'redis://127.0.0.1:99999',
    'redis://127.0.0.1:6379/abc',
    'redis://127.0.0.1:6379/0/1',
    'redis://%zz@127.0.0.1:6379',
    'redis://two words',
  ])('refuses %s', (url) => expect(RedisUrl.safeParse(url).success).toBe(false));
});
