import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { gitCredential } from './git-credential.js';

const url = 'https://git.example.org/acme/api.git';
const secret = { username: 'me', value: `it's "%s" $(id) \\ €` };

/** What git finds out for an address, or what it says when it finds nothing. */
function fill(asked: string, env: Record<string, string>): string {
  const { PATH = '', HOME = '' } = process.env;
  try {
    return execFileSync('git', ['-c', 'core.askPass=', 'credential', 'fill'], {
      input: `url=${asked}\n\n`,
      env: { PATH, HOME, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...env },
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return String(error);
  }
}

describe('gitCredential', () => {
  const env = gitCredential(url, secret);

  it('answers git for this repository, whatever the password holds', () => {
    expect(fill(url, env)).toContain(`username=me\npassword=${secret.value}\n`);
  });

  it('answers for what lies below it, such as its large files', () => {
    expect(fill(`${url}/info/lfs`, env)).toContain(`password=${secret.value}`);
  });

  it.each([
    ['another repository of the server', 'https://git.example.org/acme/other.git'],
    ['one whose name begins alike', 'https://git.example.org/acme/api.github'],
    ['another server', 'https://evil.example.org/acme/api.git'],
    ['the same in the clear', 'http://git.example.org/acme/api.git'],
  ])('says nothing about %s', (_, other) => {
    expect(fill(other, env)).not.toContain('password');
  });

  it('keeps the helpers of the user out, which could write the password down', () => {
    const own = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_PARAMETERS: '' };
    expect(fill(url, { ...env, ...own })).toContain('username=me');
    expect(env['GIT_CONFIG_KEY_0']).toBe('credential.helper');
    expect(env['GIT_CONFIG_VALUE_0']).toBe('');
  });

  it('shows the password in no setting', () => {
    const settings = Object.entries(env).filter(([name]) => name.startsWith('GIT_CONFIG'));
    expect(JSON.stringify(settings)).not.toContain('€');
  });

  it('has nothing to say for ssh', () => {
    expect(gitCredential('git@github.com:acme/api.git', secret)).toEqual({});
  });
});
