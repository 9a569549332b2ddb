import { describe, expect, it } from '@jest/globals';
import { isAllowedUrl, isUrlPattern } from './allowed-url.js';

describe('isAllowedUrl', () => {
  it.each([
    ['https://github.com/acme/api.git', '*'],
    ['https://github.com/acme/api.git', 'github.com'],
    ['git@github.com:acme/api.git', 'github.com/acme/*'],
    ['ssh://git@github.com/acme/api', 'github.com/acme'],
    ['https://GitHub.com/acme/api', 'https://github.com/acme/api.git'],
    ['https://git.example.org/a/b/c', '*.example.org/a/*'],
    ['http://127.0.0.1:8080/private.git', 'http://127.0.0.1:8080/*'],
  ])('%s by %s', (url, pattern) => {
    expect(isUrlPattern(pattern)).toBe(true);
    expect(isAllowedUrl(url, [pattern])).toBe(true);
  });

  it.each([
    ['https://github.com/acme/api.git', 'github.com/other/*', 'another owner'],
    ['https://github.com/acme-evil/api.git', 'github.com/acme', 'an owner whose name begins alike'],
    ['https://github.com.evil.org/acme/api.git', 'github.com', 'a host that begins alike'],
    ['https://github.com.evil.org/x', 'github.com*/x.', 'a dot is a dot'],
    ['https://evilgithub.com/acme/api.git', 'github.com', 'a host that ends alike'],
    ['https://evil.org/github.com/acme', '*github.com/acme', 'a path for a host'],
    ['http://github.com/acme/api.git', 'github.com', 'the network in the clear, which must be named'],
    ['https://github.com:8443/acme/api.git', 'github.com', 'another port'],
    ['https://github.com/acme/../other/api.git', 'github.com/acme/*', 'a way out'],
    ['https://github.com/acme/%2e%2e/other/api.git', 'github.com/acme/*', 'a way out in other letters'],
    ['ext::sh -c id', '*', 'another transport'],
    ['file:///etc', '*', 'a file'],
    ['https://me:secret@github.com/acme/api.git', '*', 'a password'],
  ])('not %s by %s: %s', (url, pattern) => {
    expect(isAllowedUrl(url, [pattern])).toBe(false);
  });

  it('lets nothing through without a pattern', () => {
    expect(isAllowedUrl('https://github.com/acme/api.git', [])).toBe(false);
  });

  it.each(['', 'a b', 'ext::sh', 'https://', 'user@host/x', 'ftp://host/x'])('%p is no pattern', (text) => {
    expect(isUrlPattern(text)).toBe(false);
  });
});
