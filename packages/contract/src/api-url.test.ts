import { describe, expect, it } from '@jest/globals';
import { ApiUrl, apiOrigin, defaultApiUrl } from './api-url.js';

describe('ApiUrl', () => {
  it.each([
    ['https://git.acme.test/api/v3', 'https://git.acme.test/api/v3'],
    ['https://api.acme.test:8443/', 'https://api.acme.test:8443'],
    ['http://127.0.0.1:8080/api', 'http://127.0.0.1:8080/api'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://[::1]:1/api/v3//', 'http://[::1]:1/api/v3'],
  ])('takes %s', (text, url) => expect(ApiUrl.parse(text)).toBe(url));

  it.each([
    'http://git.acme.test/api/v3',
    'https://me:pw@git.acme.test',
    'https://me@git.acme.test',
    'https://git.acme.test/?a=1',
    'https://git.acme.test/?',
    'https://git.acme.test/#a',
    'ftp://git.acme.test',
    'file:///etc/passwd',
    'https://',
    'https://a b',
    'https://a\\b',
    'http://127.0.0.1.acme.test',
    'git.acme.test',
    '',
  ])('refuses %j', (text) => expect(ApiUrl.safeParse(text).success).toBe(false));
});

describe('defaultApiUrl', () => {
  it.each([
    ['https://github.com/acme/app.git', 'https://api.github.com'],
    ['https://GitHub.com/acme/app', 'https://api.github.com'],
    ['git@github.com:acme/app.git', 'https://api.github.com'],
    ['ssh://git@github.com:22/acme/app', 'https://api.github.com'],
    ['https://git.acme.test:8443/acme/app', 'https://git.acme.test:8443/api/v3'],
    ['ssh://git@git.acme.test:2222/acme/app.git', 'https://git.acme.test/api/v3'],
    ['http://127.0.0.1:8080/acme/app.git', 'http://127.0.0.1:8080/api/v3'],
  ])('of %s', (url, apiUrl) => expect(defaultApiUrl(url)).toBe(apiUrl));
});

it('apiOrigin is where the token goes', () => {
  const url = 'https://github.com/acme/app';
  expect(apiOrigin({ url, apiUrl: null })).toBe('https://api.github.com');
  expect(apiOrigin({ url, apiUrl: 'https://proxy.acme.test/github/v3' })).toBe('https://proxy.acme.test');
});
