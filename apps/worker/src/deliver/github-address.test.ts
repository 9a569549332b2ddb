import { expect, it } from '@jest/globals';
import { demandAllowedApi, githubRepository } from './github-address.js';

it.each([
  ['https://github.com/acme/app.git', 'https://api.github.com'],
  ['git@github.com:acme/app.git', 'https://api.github.com'],
  ['ssh://git@github.com:22/acme/app', 'https://api.github.com'],
  ['https://git.acme.test:8443/acme/app', 'https://git.acme.test:8443/api/v3'],
  ['ssh://git@git.acme.test:2222/acme/app.git', 'https://git.acme.test/api/v3'],
  ['http://127.0.0.1:8080/acme/app.git', 'http://127.0.0.1:8080/api/v3'],
])('finds the API of %s', (url, apiUrl) => {
  expect(githubRepository(url)).toEqual({ apiUrl, owner: 'acme', name: 'app' });
});

it('takes the API that is set for the repository', () => {
  const apiUrl = 'https://api.acme.test/github';
  expect(githubRepository('https://git.acme.test/acme/app', apiUrl)).toEqual({ apiUrl, owner: 'acme', name: 'app' });
});

it('says when an address is none of GitHub', () => {
  expect(() => githubRepository('https://git.acme.test/app.git')).toThrow('no owner and repository');
});

it.each([
  ['https://api.github.com', ['github.com/acme/*'], true],
  ['https://api.acme.test/v3', ['github.com/acme/*'], false],
  ['https://api.acme.test/v3', ['github.com/acme/*', 'https://api.acme.test/v3'], true],
  ['https://api.acme.test/v3', ['*.acme.test'], true],
  ['http://127.0.0.1:8080/v3', ['127.0.0.1:8080'], false],
  ['http://127.0.0.1:8080/v3', ['http://127.0.0.1:8080/v3'], true],
  ['https://api.acme.test', ['*'], true],
])('the API %s with the allow-list %j: %p', (apiUrl, patterns, isAllowed) => {
  const look = () => demandAllowedApi(apiUrl, 'https://github.com/acme/app.git', patterns);
  if (isAllowed) expect(look).not.toThrow();
  else expect(look).toThrow(`--allow-repository '${apiUrl}'`);
});
