import { describe, expect, it } from '@jest/globals';
import { isRepositoryUrl, repositoryKey, repositoryName, repositoryOrigin } from './repository-url.js';

describe('isRepositoryUrl', () => {
  it.each([
    'https://github.com/acme/api.git',
    'http://127.0.0.1:8080/private.git',
    'https://git.example.org',
    'https://[::1]:8443/a.git',
    'https://git.example.org/groups/@acme/api',
    'https://git.example.org/möbel/api.git',
    'ssh://git@github.com/acme/api.git',
    'ssh://git@git.example.org:2222/acme/api.git',
    'ssh://git.example.org/~me/api.git',
    'git@github.com:acme/api.git',
    'git@[::1]:acme/api.git',
  ])('takes %s', (url) => {
    expect(isRepositoryUrl(url)).toBe(true);
  });

  it.each([
    ['another transport', 'ext::sh -c id'],
    ['a file', 'file:///etc'],
    ['a path', '/srv/repo'],
    ['an option', '--upload-pack=id'],
    ['an option as host', 'ssh://-oProxyCommand=id/x'],
    ['an option as user', 'ssh://-oProxyCommand=id@host/x'],
    ['an option as scp host', 'git@-oProxyCommand=id:x'],
    ['an option as scp path', 'git@host:-x'],
    ['a name and password', 'https://me:secret@example.org/a.git'],
    ['a token as name', 'https://ghp_token@example.org/a.git'],
    ['a password for ssh', 'ssh://git:secret@example.org/a.git'],
    ['a second address behind a backslash', 'https://example.org\\@evil.example.org/a.git'],
    ['white space', 'https://example.org/a b.git'],
    ['a line break', 'https://example.org/a\nb.git'],
    ['a sign that cannot be seen', 'https://example.org/a\u200bb.git'],
    ['a mark that turns the text around', 'https://example.org/\u202egit.a'],
    ['a letter of another alphabet in the host', 'https://gіthub.com/acme/api.git'],
    ['nothing', ''],
    ['no host', 'https:///acme/api.git'],
  ])('refuses %s', (_, url) => {
    expect(isRepositoryUrl(url)).toBe(false);
  });
});

describe('repositoryKey', () => {
  it.each([
    ['https://GitHub.com/acme/api.git', 'https://github.com/acme/api'],
    ['https://github.com:443/acme/api/', 'https://github.com/acme/api'],
    ['http://git.example.org:8080/a.git', 'http://git.example.org:8080/a'],
    ['git@github.com:acme/api.git', 'ssh://git@github.com/acme/api'],
    ['ssh://git@github.com:22/acme/api', 'ssh://git@github.com/acme/api'],
  ])('%s is %s', (url, key) => {
    expect(repositoryKey(url)).toBe(key);
  });

  it('keeps apart what may be different: scheme, user, case of the path', () => {
    const urls = ['https://a.org/x', 'http://a.org/x', 'ssh://a.org/x', 'ssh://git@a.org/x', 'https://a.org/X'];
    expect(new Set(urls.map(repositoryKey)).size).toBe(urls.length);
  });
});

describe('repositoryOrigin', () => {
  it('is where a password would be sent', () => {
    expect(repositoryOrigin('https://Git.example.org:443/a.git')).toBe('https://git.example.org');
    expect(repositoryOrigin('http://127.0.0.1:8080/a.git')).toBe('http://127.0.0.1:8080');
  });
});

describe('repositoryName', () => {
  it.each([
    [{ url: 'git@github.com:acme/api.git' }, 'acme/api'],
    [{ url: 'https://example.org/group/sub/api/' }, 'sub/api'],
    [{ path: '/home/a/src/api' }, 'api'],
  ])('of %j is %s', (source, name) => {
    expect(repositoryName(source)).toBe(name);
  });
});
