import { describe, expect, it } from '@jest/globals';
import { fetchFailed } from './git-failure.js';

const failed = (stderr: string) => fetchFailed('ssh://git@host/a.git', { code: 128, stdout: '', stderr }).message;

describe('fetchFailed', () => {
  it('says what ssh said, and leaves out the advice that git adds to it', () => {
    const advice = 'Please make sure you have the correct access rights\nand the repository exists.\n';
    const said = 'git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n';
    expect(failed(`${said}${advice}`)).toBe(
      'ssh://git@host/a.git could not be cloned: the worker may not read it ' +
        '(git@host: Permission denied (publickey).; fatal: Could not read from remote repository.).',
    );
  });

  it('says the last three lines', () => {
    expect(failed('one\ntwo\nthree\nfatal: four\n')).toContain('two; three; fatal: four. Check the repository');
  });
});
